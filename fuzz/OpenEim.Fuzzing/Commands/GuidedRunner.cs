using OpenEim.Fuzzing.Targets;

namespace OpenEim.Fuzzing.Commands;

/// <summary>Runs the inputs of a fuzzer that looks at coverage.</summary>
/// <remarks>
/// Instrumented assemblies count into memory that the fuzzer shares with us from its first input on. Before that, any call into them
/// would crash, so the target is made with the first input.
/// </remarks>
internal sealed class GuidedRunner(string name)
{
    private FuzzTarget? _target;

    /// <summary>Runs one input; what it throws is a crash to the fuzzer.</summary>
    public void Run(byte[] input)
    {
        _target ??= Start();
        _target.RunAsync(input).GetAwaiter().GetResult();
    }

    private FuzzTarget Start()
    {
        var target = TargetList.Find(name) ?? throw new InvalidOperationException($"there is no target {name}");
        target.StartAsync().GetAwaiter().GetResult();
        return target;
    }
}
