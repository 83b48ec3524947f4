"""What the pages themselves remember."""

from django.db import models


class SkippedStep(models.Model):
    """A step of setting the school up that its admins decided to leave out; `name` is one of `setup.STEPS`."""

    name = models.CharField(max_length=32, primary_key=True)
    skipped_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
