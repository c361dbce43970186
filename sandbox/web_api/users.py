"""users.* and usergroups.*: who somebody is, and who belongs to a group."""

from sandbox.errors import Refusal
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.method import Json, Method
from sandbox.web_api.paging import page
from sandbox.workspace import TEAM_ID, User, UserGroup
from sandbox.world import World


def _body(user: User) -> Json:
    body: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "updated": 0,
        "profile": {
            "title": user.title,
            "real_name": user.real_name,
            "real_name_normalized": user.real_name,
            "display_name": user.name,
            "email": f"{user.name}@example.com",
            "team": user.team_id,
        },
    }
    # Slack leaves name, colour and rights out for somebody who was deactivated.
    return body if user.deleted else body | _rights(user)


def _rights(user: User) -> Json:
    rights: Json = {
        "color": user.color,
        "real_name": user.real_name,
        "tz": "Europe/Helsinki",
        "tz_label": "Eastern European Time",
        "tz_offset": 7200,
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_app_user": False,
        "is_email_confirmed": True,
    }
    # `is_stranger` is only there for people of other organisations.
    return rights | ({"is_stranger": user.is_stranger} if user.team_id != TEAM_ID else {})


async def info(world: World, arguments: Arguments) -> Json:
    """One user."""
    return {"user": _body(world.directory.user(arguments.text("user")))}


async def list_users(world: World, arguments: Arguments) -> Json:
    """Everybody, deactivated people too."""
    chosen, cursor = page(list(world.directory.users.values()), arguments, default=1000, maximum=1000)
    return {"members": [_body(user) for user in chosen], "response_metadata": {"next_cursor": cursor}}


async def lookup_by_email(world: World, arguments: Arguments) -> Json:
    """The user with this mail address. Raises Refusal `users_not_found`."""
    email = arguments.required("email")
    for user in world.directory.users.values():
        if email == f"{user.name}@example.com" and not user.deleted:
            return {"user": _body(user)}
    raise Refusal("users_not_found")


def _group(group: UserGroup, *, users: bool) -> Json:
    body: Json = {
        "id": group.id,
        "team_id": TEAM_ID,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return body | ({"users": list(group.users)} if users else {})


async def list_groups(world: World, arguments: Arguments) -> Json:
    """All user groups."""
    users = arguments.flag("include_users")
    return {"usergroups": [_group(group, users=users) for group in world.directory.groups.values()]}


async def group_users(world: World, arguments: Arguments) -> Json:
    """The ids of a group's users. Raises Refusal `no_such_subteam`."""
    group = world.directory.groups.get(arguments.required("usergroup"))
    if group is None:
        raise Refusal("no_such_subteam")
    return {"users": list(group.users)}


METHODS = {
    "users.info": Method(info, ("users:read",), per_minute=100),
    "users.list": Method(list_users, ("users:read",), per_minute=20),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",)),
    "usergroups.list": Method(list_groups, ("usergroups:read",), per_minute=20),
    "usergroups.users.list": Method(group_users, ("usergroups:read",), per_minute=20),
}
