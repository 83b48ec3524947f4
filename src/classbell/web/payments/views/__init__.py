"""The views, a file for those who buy and one for those who sell."""
