"""The application is whole once it is loaded: a worker that takes its first visitor has read every address and view."""

import os
import subprocess
import sys

READ = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "karmayogi.settings"
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
before = "karmayogi.web.urls" in sys.modules
import karmayogi.web.wsgi
print(before, "karmayogi.web.urls" in sys.modules, "karmayogi.web.pages.official.check" in sys.modules)
"""


def test_loading_the_application_reads_all_addresses_which_django_alone_does_not(tmp_path):
    given = {**os.environ, "KARMAYOGI_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", READ], env=given, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["False", "True", "True"], done.stderr
