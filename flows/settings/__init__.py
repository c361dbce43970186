"""wap.toml, typed: the settings of a run."""

from flows.settings.wap_toml import (
    DbtSettings,
    GateSettings,
    Settings,
    SettingsError,
    load_settings,
    signing_keys,
)

__all__ = ["DbtSettings", "GateSettings", "Settings", "SettingsError", "load_settings", "signing_keys"]
