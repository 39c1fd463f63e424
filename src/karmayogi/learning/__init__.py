"""Courses, who is on them, what the server saw them do, practice, and learning on the job."""
