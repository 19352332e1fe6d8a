"""A small shop: the sample application that Lockkeeper takes from release to release."""
