"""The settings of Zoom meetings: which there are, who inherits them from whom, and what Zoom overrules."""
