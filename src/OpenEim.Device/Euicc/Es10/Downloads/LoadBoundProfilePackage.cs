using OpenEim.Device.Euicc.Apdus;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>ES10b LoadBoundProfilePackage (SGP.22 2.5.5, 5.7.6): a package comes in segments, each in STORE DATA blocks of its own.</summary>
/// <remarks>A segment that more must follow is answered by 9000 alone; the last one, and the one that fails, by BF37.</remarks>
internal static class LoadBoundProfilePackage
{
    /// <summary>Whether a message is a segment: the beginning of BF36, a part A0 to A3, or an 86, 87 or 88 of its own.</summary>
    public static bool IsSegment(ReadOnlySpan<byte> message) => message switch
    {
        [0xBF, 0x36, ..] => true,
        [>= 0xA0 and <= 0xA3, ..] => true,
        [>= 0x86 and <= 0x88, ..] => true,
        _ => false,
    };

    /// <summary>Takes a segment.</summary>
    /// <returns>6985 when no download is under way: there is nobody to sign a result for.</returns>
    public static ushort Execute(EuiccCore core, ReadOnlyMemory<byte> segment, out byte[] response)
    {
        response = [];
        var begins = segment.Span is [0xBF, ..];
        if (begins)
        {
            InstallationCompletion.Interrupt(core);
        }

        if (core.Session is not { Server: { } server, Prepared: { } prepared } session || (!begins && session.Loading is null))
        {
            return StatusWord.ConditionsNotSatisfied;
        }

        var failure = begins
            ? InitialiseSecureChannel.Execute(core, session, server, prepared, segment)
            : session.Loading!.Take(segment);
        if (failure is not null)
        {
            response = InstallationCompletion.Fail(core, server, failure);
        }
        else if (session.Loading is { IsComplete: true } loading)
        {
            response = ProfileInstaller.Install(core, server, loading);
        }

        return StatusWord.Ok;
    }
}
