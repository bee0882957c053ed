namespace OpenEim.Benchmarks.Reports;

/// <summary>How a ratio is held against its budget.</summary>
internal enum Bound
{
    /// <summary>The ratio must not be less: rates.</summary>
    AtLeast,

    /// <summary>The ratio must not be more: times and sizes.</summary>
    AtMost,
}

/// <summary>One line of the report.</summary>
/// <param name="Name">What was measured, with its unit where that is not times per second.</param>
/// <param name="Measured">Ours.</param>
/// <param name="Reference">What it is held against, in the same unit.</param>
/// <param name="Budget">The bound of the ratio of the two; null where there is none.</param>
/// <param name="Bound">Which side of the budget is good.</param>
/// <param name="ProcessorRatio">The same ratio by processor time, which does not count what other programs took; null where it says nothing.</param>
internal sealed record Measurement(
    string Name, double Measured, double Reference, double? Budget, Bound Bound = Bound.AtLeast, double? ProcessorRatio = null)
{
    public double Ratio => Measured / Reference;

    public bool IsWithinBudget => Budget is not { } budget || (Bound == Bound.AtLeast ? Ratio >= budget : Ratio <= budget);

    /// <summary>A rate beside a rate.</summary>
    public static Measurement Of(string name, Comparison comparison, double? budget) =>
        new(name, comparison.Measured, comparison.Reference, budget, ProcessorRatio: comparison.ProcessorRatio);

    /// <summary>What is held against a fixed limit, which is its reference, in words that say the unit.</summary>
    public static Measurement AtMost(string name, double measured, double limit) => new(name, measured, limit, 1, Bound.AtMost);
}

/// <summary>Two rates per second of the round whose ratio is the median, and the median of the ratios by processor time.</summary>
internal readonly record struct Comparison(double Measured, double Reference, double ProcessorRatio);
