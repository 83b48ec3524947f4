"""What is done for operation without a person: load, one call, done."""

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.operation import troubles


@app.periodic(cron="* * * * *")
@app.task(name="operation.look_for_trouble", queue="sweeps", queueing_lock="look_for_trouble")
def look_for_trouble(timestamp: int) -> None:
    """Every minute: admins hear of what has begun to go wrong, and of what is well again."""
    troubles.look_for_trouble(now=timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(name="operation.forget_origins", queue="sweeps", queueing_lock="forget_origins")
def forget_origins(timestamp: int) -> None:
    """Every hour: from where jobs came that are no longer kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM operation_joborigin o WHERE NOT EXISTS (SELECT FROM procrastinate_jobs WHERE id = o.job_id)"
        )
