namespace OpenEim.Fuzzing.Targets;

/// <summary>One thing that is fuzzed.</summary>
/// <remarks>A target accepts any bytes. It throws when an invariant is broken; every exception that leaves it is a finding.</remarks>
internal abstract class FuzzTarget(string name, InputKind kind, string description) : IAsyncDisposable
{
    /// <summary>The name on the command line, and of the folders under <c>fuzz/corpus</c> and <c>fuzz/regressions</c>.</summary>
    public string Name => name;

    /// <summary>What the inputs look like, which decides how they are mutated.</summary>
    public InputKind Kind => kind;

    /// <summary>One line for <c>list</c>.</summary>
    public string Description => description;

    /// <summary>The share of time in a run of all targets.</summary>
    public virtual int Weight => 1;

    /// <summary>Prepares what all inputs share: a host, a card.</summary>
    public virtual Task StartAsync() => Task.CompletedTask;

    /// <summary>Runs one input.</summary>
    /// <returns>Whether the input was taken as valid. The loop keeps such inputs and mutates them further.</returns>
    /// <exception cref="FindingException">An invariant is broken.</exception>
    public abstract Task<bool> RunAsync(byte[] input);

    /// <summary>Checks what is too slow to check after each input.</summary>
    /// <exception cref="FindingException">An invariant is broken.</exception>
    public virtual Task CheckAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => CloseAsync();

    /// <summary>Ends what <see cref="StartAsync"/> started.</summary>
    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;
}

/// <summary>What the inputs of a target look like.</summary>
internal enum InputKind
{
    /// <summary>BER TLVs.</summary>
    Ber,

    /// <summary>A JSON document.</summary>
    Json,

    /// <summary>Text without a structure of its own.</summary>
    Text,

    /// <summary>PEM blocks.</summary>
    Pem,

    /// <summary>An HTTP request as text: method and target, headers, an empty line, the body.</summary>
    Request,

    /// <summary>Lines of hexadecimal digits: APDUs, or answers in their order.</summary>
    HexLines,
}
