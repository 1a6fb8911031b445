"""What somebody has to do now: due, overdue, meetings with what they still owe, and three shortcuts."""
