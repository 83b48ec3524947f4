"""The open door: what people see of the school without an account, once it is switched on."""
