"""Where time goes, as spans of OpenTelemetry: off, and nothing of it imported, unless a site asks.

With ``TRABECULA_TRACES`` spans of requests, jobs, opened scans, engines and calls to other machines
go to the site's collector. They hold names that the code gives (a view, an engine, a queue), never
an address, a query, an id of a patient or what an error says. The trace of whoever asks is taken on
and passed on (W3C Trace Context, its ``traceparent`` alone: ``tracestate`` may hold anything).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

PASSED = "traceparent"
Told = Mapping[str, str | int]
NOTHING: Told = MappingProxyType({})
_exporter: Callable[[], Any] | None = None  # makes what sends; None where nothing is traced
_tracer: Any = None


def is_installed() -> bool:
    """Whether the extra ``tracing`` is there."""
    return find_spec("opentelemetry") is not None


def start(endpoint: str) -> None:
    """Trace from now on; what sends is made with a process's first span."""

    def sender() -> Any:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint))

    start_with(sender)


def start_with(sender: Callable[[], Any] | None) -> None:
    """The same with another span processor; None ends it."""
    global _exporter, _tracer
    _exporter, _tracer = sender, None


@contextmanager
def span(
    name: str, told: Told = NOTHING, *, kind: str = "INTERNAL", taken: str = ""
) -> Iterator[Any]:
    """Measure the block; gives what ``tell`` takes.

    Parameters
    ----------
    told : mapping of str to str or int
        Attributes: what the code names, and counts.
    kind : str
        INTERNAL, SERVER, CLIENT or CONSUMER, as OpenTelemetry has them.
    taken : str
        The ``traceparent`` that whoever asks has sent, to go on with their trace.
    """
    if _exporter is None:
        yield None
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    above = TraceContextTextMapPropagator().extract({PASSED: taken}) if taken else None
    # What an error says is left out, and its kind kept.
    with _traced().start_as_current_span(
        name,
        above,
        SpanKind[kind],
        dict(told),
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_status(Status(StatusCode.ERROR))
            made.set_attribute("error.type", type(error).__name__)
            raise


def tell(made: Any, told: Told, *, name: str = "", is_error: bool = False) -> None:
    """Add to a span what is known only at its end."""
    if made is None:
        return
    from opentelemetry.trace import Status, StatusCode

    if name:
        made.update_name(name)
    if is_error:
        made.set_status(Status(StatusCode.ERROR))
    made.set_attributes(dict(told))


def passed_on() -> dict[str, str]:
    """Headers by which another program goes on with the present trace; none where there is none."""
    if _exporter is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carried: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carried)
    return {PASSED: carried[PASSED]} if PASSED in carried else {}


def _traced() -> Any:
    global _tracer
    if _tracer is None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        from riskapp import __version__

        assert _exporter is not None
        named = {"service.name": "trabecula", "service.version": __version__}
        provider = TracerProvider(resource=Resource.create(named))
        provider.add_span_processor(_exporter())
        _tracer = provider.get_tracer("trabecula")
    return _tracer
