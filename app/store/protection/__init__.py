"""What keeps patients' data unreadable at rest: master keys, a key for each patient, and how something is sealed."""

from app.store.protection.keyring import Keyring, MasterKey, make_master_key, read_keyring
from app.store.protection.patient_key import PatientKey

__all__ = ["Keyring", "MasterKey", "PatientKey", "make_master_key", "read_keyring"]
