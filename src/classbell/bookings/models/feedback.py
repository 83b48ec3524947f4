"""What people say of a lesson afterwards."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from classbell.accounts.wall import personal
from classbell.bookings.models.booking import Booking
from classbell.ids import uuid7


@personal("author", "about")
class Feedback(models.Model):
    """One person's word on one completed booking: the student's on the teacher, or the teacher's on the student."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="feedback")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feedback_received")
    rating = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(fields=["booking", "author"], name="one_feedback_per_person_and_booking"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="rating_is_one_to_five"),
        ]
        indexes = [models.Index(fields=["about", "created_at"], name="feedback_about_person")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.rating} / 5"
