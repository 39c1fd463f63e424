from django.contrib.postgres.fields import ArrayField
from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC, Rows


class Course(Fact):
    """A course under its natural key: who provides it, where it stands, and which version is the current one."""

    key = models.SlugField(max_length=80, unique=True)
    state = models.CharField(max_length=12, default="draft")
    provider = models.ForeignKey("institutions.Body", models.PROTECT, null=True, related_name="+")
    version = models.ForeignKey("learning.CourseVersion", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    PLAIN = fields("id key state provider version made_at")
    rows = Rows(read="state in ('live', 'flagged', 'retired')")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "in_review", "live", "retired", "flagged"]),
                name="course_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "in_review"]) | models.Q(version__isnull=False),
                name="shown_course_has_a_version",
            ),
        ]


class CourseVersion(Fact):
    """What a course was from one publication to the next. A trigger refuses every change."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    title = models.CharField(max_length=200)
    about = models.TextField()
    competency = models.UUIDField(null=True)
    level = models.SmallIntegerField(null=True)
    languages = ArrayField(models.CharField(max_length=16))
    minutes = models.IntegerField()
    pages = models.IntegerField()
    content_hash = models.CharField(max_length=64)
    order_no = models.CharField(max_length=80)
    published_at = models.DateTimeField()

    PLAIN = fields(
        "id course number title about competency level languages minutes pages content_hash order_no published_at"
    )
    rows = PUBLIC

    class Meta:
        indexes = [models.Index(fields=["competency"], name="version_competency")]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="course_numbers_its_versions"),
            models.CheckConstraint(condition=models.Q(pages__gt=0, minutes__gt=0), name="version_has_pages"),
        ]


class Module(Fact):
    """A part of a version with its own heading."""

    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="modules")
    number = models.SmallIntegerField()
    title = models.CharField(max_length=200)

    PLAIN = fields("id version number title")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="version_numbers_its_modules")
        ]


class Page(Fact):
    """One page with one content. Versions that do not change a page share its row, so what a person finished in
    one version is finished in the next without anything being copied."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="pages")
    key = models.SlugField(max_length=80)
    content_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    minutes = models.SmallIntegerField()
    title = models.CharField(max_length=200)
    html = models.TextField(blank=True)
    href = models.URLField(max_length=500, blank=True)
    file = models.UUIDField(null=True)

    PLAIN = fields("id course key content_hash kind minutes title html href file")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "key", "content_hash"], name="page_content_stands_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["text", "practice", "file", "link", "video"]),
                name="page_kind_is_known",
            ),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="page_takes_time"),
        ]


class Placement(Fact):
    """Where a page stands in a version; `number` counts through the whole version from 1."""

    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="placements")
    module = models.ForeignKey(Module, models.PROTECT, related_name="placements")
    page = models.ForeignKey(Page, models.PROTECT, related_name="placements")
    number = models.SmallIntegerField()

    PLAIN = fields("id version module page number")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="version_numbers_its_pages"),
            models.UniqueConstraint(fields=["version", "page"], name="page_stands_once_in_a_version"),
        ]
