using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenEim.Hosting.Settings;
using OpenEim.Storage;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OpenEim.Hosting.Telemetry;

/// <summary>What one host counts and traces, and where that goes. With neither <c>MetricsUrl</c> nor an OTLP endpoint nobody listens, and it costs nothing.</summary>
/// <remarks>
/// Listeners of OpenTelemetry find meters and sources by name in the whole process. Several hosts may live in it, so all that is this host's
/// has its meter factory as scope, and each provider takes no other's.
/// </remarks>
public sealed class HostTelemetry : IDisposable
{
    private const string RequestsName = "Microsoft.AspNetCore";
    private const string OtlpVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly string _serviceName;
    private TracerProvider? _traces;
    private IDisposable? _service;

    /// <summary>Counts and traces for a service.</summary>
    /// <param name="serviceName">The program, as traces and metrics name it.</param>
    public HostTelemetry(string serviceName)
    {
        _serviceName = serviceName;
        Meters = _services.GetRequiredService<IMeterFactory>();
        Storage = new StorageMeter(Meters);
    }

    /// <summary>Where meters of the framework come from, and the scope of all meters of this host.</summary>
    public IMeterFactory Meters { get; }

    /// <summary>What the database counts.</summary>
    public StorageMeter Storage { get; }

    /// <summary>The spans of requests, begun by the framework.</summary>
    public ActivitySource Requests { get; } = new(RequestsName);

    /// <summary>In its place where the framework shall begin none.</summary>
    public ActivitySource Untraced { get; } = new("OpenEim.Untraced");

    /// <summary>As <see cref="Untraced"/>, for the framework's older way to tell of requests.</summary>
    public DiagnosticListener Unheard { get; } = new("OpenEim.Unheard");

    /// <summary>What Prometheus reads; null when nothing is counted.</summary>
    public MeterProvider? Metrics { get; private set; }

    /// <summary>Begins to count and to send, as far as the options say so.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="service">Owns the service's own meters and spans; disposed with this, when the last of it is sent.</param>
    /// <param name="spans">The service's own spans.</param>
    /// <param name="meters">The names of the service's own meters.</param>
    public void Begin(CommonOptions options, IDisposable service, ActivitySource spans, params IReadOnlyList<string> meters)
    {
        _service = service;
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(spans);
        var isSent = options.OtlpEndpoint is not null || Environment.GetEnvironmentVariable(OtlpVariable) is { Length: > 0 };
        Metrics = isSent || options.MetricsUrl is not null ? OpenMetrics(options, meters, isSent) : null;
        _traces = isSent ? OpenTraces(options, spans) : null;
    }

    /// <summary>Sends what is left, for some seconds at most.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        Metrics?.Dispose();
        _service?.Dispose();
        Storage.Dispose();
        Requests.Dispose();
        Untraced.Dispose();
        Unheard.Dispose();
        _services.Dispose();
    }

    private MeterProvider OpenMetrics(CommonOptions options, IReadOnlyList<string> meters, bool isSent)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(Resource())
            .AddMeter([.. meters, StorageMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"])
            .AddMeter("System.Runtime", "Npgsql")
            .AddView(instrument => IsOurs(instrument.Meter) ? null : MetricStreamConfiguration.Drop);
        if (options.MetricsUrl is not null)
        {
            builder.AddPrometheusExporter();
        }

        if (isSent)
        {
            builder.AddOtlpExporter(otlp => Configure(otlp, options.OtlpEndpoint, "v1/metrics"));
        }

        return builder.Build();
    }

    /// <summary>The process's own belong to every host in it.</summary>
    private bool IsOurs(Meter meter) => ReferenceEquals(meter.Scope, Meters) || meter.Name is "System.Runtime" or "Npgsql";

    private TracerProvider OpenTraces(CommonOptions options, ActivitySource spans)
    {
        var otlp = new OtlpExporterOptions();
        Configure(otlp, options.OtlpEndpoint, "v1/traces");

        // By the trace's id, also where somebody else began it: a stranger's header must not decide what we keep.
        var byRatio = new TraceIdRatioBasedSampler(options.TraceRatio);
        return Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(Resource())
            .SetSampler(new ParentBasedSampler(byRatio, remoteParentSampled: byRatio, remoteParentNotSampled: byRatio))
            .AddSource(spans.Name, StorageMeter.Name)
            .AddAspNetCoreInstrumentation(http => http.Filter = context => !context.Request.Path.StartsWithSegments("/health"))
            .AddProcessor(new OwnSpans(new OtlpTraceExporter(otlp), spans, Storage.Activities, Requests))
            .Build();
    }

    /// <summary>The standard variables say the rest: headers, time limits, another protocol.</summary>
    private static void Configure(OtlpExporterOptions otlp, Uri? endpoint, string path)
    {
        if (endpoint is null)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL") is not { Length: > 0 })
        {
            otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
        }

        otlp.Endpoint = otlp.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}") : endpoint;
    }

    private ResourceBuilder Resource() => ResourceBuilder.CreateEmpty()
        .AddService(_serviceName, serviceVersion: typeof(HostTelemetry).Assembly.GetName().Version?.ToString(3))
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    /// <summary>Sends the spans of this host, and not those of others in the process.</summary>
    private sealed class OwnSpans(BaseExporter<Activity> exporter, params ActivitySource[] own) : BatchActivityExportProcessor(exporter)
    {
        public override void OnEnd(Activity data)
        {
            if (own.Contains(data.Source))
            {
                base.OnEnd(data);
            }
        }
    }
}
