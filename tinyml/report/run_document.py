"""What the store keeps of a run, beside its records: everything that a report needs to show it.

A run document is one JSON object with the schema of :class:`RunDocument`. Whoever makes a run
(``tinyml demo``, for example) builds the dataclasses and stores ``document.to_dict()``; the report
reads it back with :meth:`RunDocument.read`, which checks every field. Fields that this version
does not know are ignored, so that a newer writer may add some.

On-device figures are deliberately not part of it: the report computes them from the records, which
are the only witness of what a device really answered.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from tinyml.data.catalogue import TASKS
from tinyml.documents import Fields
from tinyml.errors import StoreError
from tinyml.judge import Evaluation
from tinyml.model import Description, Meaning

SCHEMA: Final = 1
_BESIDE_THE_MODEL: Final = (
    "front_end_instructions",
    "front_end_estimated_cycles",
    "front_end_ram_bytes",
    "front_end_flash_bytes",
    "node_flash_bytes",
    "node_data_bss_bytes",
    "node_stack_bytes",
)


@dataclass(frozen=True)
class Model:
    """The model that ran."""

    name: str
    sha256: str  # of the .tflite file, 64 hex digits
    task: str  # one of TASKS
    labels: tuple[str, ...]  # class names in the order of the outputs; empty for a regression
    file_bytes: int  # size of the .tflite
    # A regression's prediction is output_scale * output[0] + output_offset, in target_unit. A
    # classifier with one output and two labels says labels[1] where that value is >= 0.5.
    output_scale: float = 1.0
    output_offset: float = 0.0
    target_name: str = ""
    target_unit: str = ""

    @classmethod
    def of(cls, model: Description) -> "Model":
        """By what is known of it; it must have settings."""
        meaning = model.meaning
        if meaning is None:
            raise ValueError(f"{model.name} has no settings")
        scale = meaning.target_scale * model.scale
        return cls(
            name=model.name,
            sha256=model.sha256,
            task=meaning.task,
            labels=meaning.labels,
            file_bytes=model.file_bytes,
            output_scale=scale,
            output_offset=meaning.target_offset - scale * model.zero_point,
            target_name=meaning.target_name,
            target_unit=meaning.target_unit,
        )

    @property
    def meaning(self) -> Meaning | None:
        """How to read its outputs, where the store does not know; None of an anomaly detector."""
        if self.task == "anomaly":  # the threshold stands elsewhere
            return None
        return Meaning(
            task=self.task,
            labels=self.labels,
            scale=self.output_scale,
            zero_point=0,
            target_name=self.target_name,
            target_unit=self.target_unit,
            target_offset=self.output_offset if self.task == "regression" else 0.0,
        )

    @classmethod
    def read(cls, fields: Fields) -> "Model":
        """Check and build; StoreError names the field that is wrong."""
        model = cls(
            name=fields.text("name"),
            sha256=fields.text("sha256"),
            task=fields.choice("task", TASKS),
            labels=fields.texts("labels", []),
            file_bytes=fields.whole("file_bytes"),
            output_scale=fields.real("output_scale", 1.0),
            output_offset=fields.real("output_offset", 0.0),
            target_name=fields.text("target_name", ""),
            target_unit=fields.text("target_unit", ""),
        )
        if len(model.sha256) != 64 or not set(model.sha256) <= set("0123456789abcdef"):
            raise fields.wrong("sha256", "must be 64 lower-case hex digits")
        if model.task == "classification" and len(model.labels) < 2:
            raise fields.wrong("labels", "must name at least two classes")
        return model


@dataclass(frozen=True)
class Board:
    """The board that it ran on."""

    name: str
    title: str
    core: str
    clock_hz: int
    ram_bytes: int
    flash_bytes: int
    emulated: bool

    @classmethod
    def read(cls, fields: Fields) -> "Board":
        """Check and build; StoreError names the field that is wrong."""
        return cls(
            name=fields.text("name"),
            title=fields.text("title", ""),
            core=fields.text("core"),
            clock_hz=fields.whole("clock_hz"),
            ram_bytes=fields.whole("ram_bytes"),
            flash_bytes=fields.whole("flash_bytes"),
            emulated=fields.flag("emulated"),
        )


@dataclass(frozen=True)
class DataSet:
    """The data that it was trained on and fed with."""

    name: str
    title: str
    simulated: bool
    split: str  # how training and test samples were kept apart, in words
    source: str = ""
    licence: str = ""
    sha256: str = ""  # of the data as used; empty where it has none

    @classmethod
    def read(cls, fields: Fields) -> "DataSet":
        """Check and build; StoreError names the field that is wrong."""
        return cls(
            name=fields.text("name"),
            title=fields.text("title", ""),
            simulated=fields.flag("simulated"),
            split=fields.text("split", ""),
            source=fields.text("source", ""),
            licence=fields.text("licence", ""),
            sha256=fields.text("sha256", ""),
        )


def _evaluation(fields: Fields, classes: int) -> Evaluation:
    """Check and build; a confusion matrix must be ``classes`` by ``classes``, or empty."""
    confusion = fields.matrix("confusion", [])
    if confusion and {len(confusion), *map(len, confusion)} != {classes}:
        raise fields.wrong("confusion", f"must be {classes} rows of {classes} counts")
    return Evaluation(fields.whole("samples"), fields.inner("values").all_reals(), confusion)


@dataclass(frozen=True)
class Layer:
    """What one operator costs in one inference."""

    index: int
    op: str
    instructions: int
    macs: int


@dataclass(frozen=True)
class Cost:
    """What one inference costs on the board, as ``tinyml bench`` measures it."""

    instructions: int  # executed in one inference; exact
    estimated_cycles: int  # an estimate; 0 where there is none
    macs: int
    arena_bytes: int
    data_bss_bytes: int  # without the arena
    stack_bytes: int  # high-water mark
    flash_bytes: int  # the whole image
    flash_model_bytes: int  # constants: weights, biases, quantisation
    flash_code_bytes: int  # the code of the kernels
    layers: tuple[Layer, ...] = ()
    passes: tuple[str, ...] = ()  # of the compiler that did something: "name: what"
    # Of what makes the model's input of a window; its kind is empty where there is none.
    front_end: str = ""
    front_end_instructions: int = 0
    front_end_estimated_cycles: int = 0
    front_end_ram_bytes: int = 0
    front_end_flash_bytes: int = 0
    # Of the whole image that a node runs; 0 where they are not known.
    node_flash_bytes: int = 0
    node_data_bss_bytes: int = 0
    node_stack_bytes: int = 0  # set aside

    @property
    def window_instructions(self) -> int:
        """Front end and model."""
        return self.front_end_instructions + self.instructions

    @property
    def window_estimated_cycles(self) -> int:
        """Front end and model; 0 where one of them has no estimate."""
        if not self.estimated_cycles or (self.front_end and not self.front_end_estimated_cycles):
            return 0
        return self.front_end_estimated_cycles + self.estimated_cycles

    @property
    def node_ram_bytes(self) -> int:
        """All that the node occupies."""
        return self.node_data_bss_bytes + self.node_stack_bytes

    @property
    def ram_bytes(self) -> int:
        """Arena, .data, .bss and stack."""
        return self.arena_bytes + self.data_bss_bytes + self.stack_bytes

    @property
    def flash_other_bytes(self) -> int:
        """The rest of the image: vectors, start-up, measuring frame."""
        return self.flash_bytes - self.flash_model_bytes - self.flash_code_bytes

    @classmethod
    def from_bench(cls, figures: Mapping[str, Any]) -> "Cost":
        """From the object that ``tinyml bench --json`` prints, where ram_bytes is the whole sum."""
        fields = Fields(figures, "the figures of `tinyml bench`", StoreError)
        ram, arena, stack = (
            fields.whole(name) for name in ("ram_bytes", "arena_bytes", "stack_bytes")
        )
        passes = [f"{name}: {did}" for name, did in figures.get("passes", {}).items()]
        changed = {"data_bss_bytes": ram - arena - stack, "passes": passes}
        return cls.read(Fields({**figures, **changed}, fields.document, StoreError))

    @classmethod
    def read(cls, fields: Fields) -> "Cost":
        """Check and build; StoreError names the field that is wrong."""
        cost = cls(
            instructions=fields.whole("instructions"),
            estimated_cycles=fields.whole("estimated_cycles", 0),
            macs=fields.whole("macs", 0),
            arena_bytes=fields.whole("arena_bytes"),
            data_bss_bytes=fields.whole("data_bss_bytes"),
            stack_bytes=fields.whole("stack_bytes"),
            flash_bytes=fields.whole("flash_bytes"),
            flash_model_bytes=fields.whole("flash_model_bytes"),
            flash_code_bytes=fields.whole("flash_code_bytes"),
            layers=tuple(
                Layer(
                    index=layer.whole("index"),
                    op=layer.text("op"),
                    instructions=layer.whole("instructions"),
                    macs=layer.whole("macs", 0),
                )
                for layer in fields.inners("layers")
            ),
            passes=fields.texts("passes", []),
            front_end=fields.text("front_end", ""),
            **{name: fields.whole(name, 0) for name in _BESIDE_THE_MODEL},
        )
        if cost.flash_other_bytes < 0:
            raise fields.wrong("flash_bytes", "must be at least the model and its code together")
        return cost


@dataclass(frozen=True)
class Sample:
    """One test sample that was fed to the board."""

    tag: int  # the record's tag
    target: float  # the true class as its index, or the true value in the target's unit
    host_output: tuple[int, ...]  # the int8 model's raw output on the host

    @classmethod
    def read(cls, fields: Fields, task: str, classes: int) -> "Sample":
        """Check and build; a classification's target must be a class index."""
        target = fields.real("target")
        if task == "classification" and not (target.is_integer() and 0 <= target < classes):
            raise fields.wrong("target", f"must be a class from 0 to {classes - 1}")
        output = fields.wholes("host_output")
        if not output:
            raise fields.wrong("host_output", "must have at least one number")
        return cls(fields.whole("tag"), target, output)


@dataclass(frozen=True)
class Boot:
    """One run of a node between two resets; its records belong to this run."""

    device_id: str
    boot_id: int


@dataclass(frozen=True)
class RunDocument:
    """One run: what was trained, what it costs and what was fed to the board."""

    run_id: str
    created: float  # seconds since 1970, UTC
    model: Model
    board: Board
    data_set: DataSet
    # "float": the trained model, "int8": the .tflite on the host, "baseline": the trivial predictor
    metrics: dict[str, Evaluation]
    baseline: str = ""  # what the trivial predictor does, in words
    cost: Cost | None = None
    samples: tuple[Sample, ...] = ()
    # Which records are of this run; empty: all records in the store with this model's hash.
    boots: tuple[Boot, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)  # program -> version
    commands: tuple[str, ...] = ()  # what to type to get the same again
    limits: tuple[str, ...] = ()  # what these figures do not show, in sentences

    def to_dict(self) -> dict[str, Any]:
        """The JSON object; the inverse of :meth:`read`."""
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def read(cls, fields: Fields) -> "RunDocument":
        """Check and build. The error of ``fields`` says in one sentence which field is wrong."""
        if fields.whole("schema") != SCHEMA:
            raise fields.wrong("schema", f"must be {SCHEMA} for this version of tinyml")
        model = Model.read(fields.inner("model"))
        classes = len(model.labels)
        metrics, versions = fields.inner("metrics"), fields.inner("versions", optional=True)
        document = cls(
            run_id=fields.text("run_id"),
            created=fields.real("created"),
            model=model,
            board=Board.read(fields.inner("board")),
            data_set=DataSet.read(fields.inner("data_set")),
            metrics={
                name: _evaluation(metrics.inner(name), classes)
                for name in ("float", "int8", "baseline")
                if name in metrics
            },
            baseline=fields.text("baseline", ""),
            cost=Cost.read(fields.inner("cost")) if "cost" in fields else None,
            samples=tuple(
                Sample.read(item, model.task, classes) for item in fields.inners("samples")
            ),
            boots=tuple(
                Boot(item.text("device_id"), item.whole("boot_id"))
                for item in fields.inners("boots")
            ),
            versions={name: versions.text(name) for name in versions.unread()},
            commands=fields.texts("commands", []),
            limits=fields.texts("limits", []),
        )
        if len({sample.tag for sample in document.samples}) != len(document.samples):
            raise fields.wrong("samples", "must have each tag only once")
        return document
