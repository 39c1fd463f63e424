"""`karmayogi db migrate` on tables of another making: it says what to do and changes nothing."""

import subprocess
import sys

import psycopg


def test_tables_laid_before_the_first_release_are_left_as_they_are(databases):
    name = databases.clone("empty")
    with psycopg.connect(databases.url("postgres", name), autocommit=True) as connection:
        connection.execute("COMMENT ON TABLE django_migrations IS NULL")
        before = connection.execute("SELECT count(*) FROM pg_class").fetchone()
        done = subprocess.run(
            [sys.executable, "-m", "karmayogi", "db", "migrate"],
            env={**databases.environment(name), "DATABASE_URL": ""},
            capture_output=True,
            text=True,
        )
        assert connection.execute("SELECT count(*) FROM pg_class").fetchone() == before
    assert done.returncode == 1
    assert "karmayogi db reset" in done.stderr


def test_tables_of_this_making_are_migrated_again_without_a_word_of_harm(databases):
    name = databases.clone("empty")
    done = subprocess.run(
        [sys.executable, "-m", "karmayogi", "db", "migrate"],
        env={**databases.environment(name), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "tables protected" in done.stdout
