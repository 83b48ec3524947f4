"""Why a backup was not taken or not restored, each with what to do."""


class BackupError(Exception):
    """It was not done; nothing that was there before is lost. The text says why and what to do."""


class Damaged(BackupError):
    """The file is not a backup, not a whole one, or not what was written."""


class Locked(BackupError):
    """The file is encrypted and the passphrase is missing or another one."""
