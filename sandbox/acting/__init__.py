"""What people do in the workspace, with the checks that Slack's own client makes before it sends anything."""
