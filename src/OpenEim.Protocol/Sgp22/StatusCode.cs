namespace OpenEim.Protocol.Sgp22;

/// <summary>A status code of ES2+ and ES9+: what it is about and what is wrong with it (SGP.22 5.2.6).</summary>
/// <param name="Subject">subjectCode, for instance 8.2.6 for the matching id.</param>
/// <param name="Reason">reasonCode, for instance 3.8 for refused.</param>
public readonly record struct StatusCode(string Subject, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Subject}/{Reason}";
}
