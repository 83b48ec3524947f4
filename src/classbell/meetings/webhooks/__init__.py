"""What Zoom tells: taken in and answered, understood afterwards."""
