using System.Text;
using OpenEim.Manager.Operations;
using OpenEim.Protocol;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Manager.Downloads;

/// <summary>Reads what a device adds, unsigned, to its report that it has not downloaded (BF54, 30{04}). Anybody may have written it.</summary>
internal static class DownloadReport
{
    private const int MaxText = 80;
    private const int MaxCode = 20;

    /// <summary>What the SM-DP+ answered the IPA, where the IPA hands that on: the JSON of any ES9+ function.</summary>
    public static OperationError? ReadRefusal(ReadOnlyMemory<byte>? response)
    {
        if (response is not { IsEmpty: false } bytes || bytes.Span[0] != '{')
        {
            return null;
        }

        try
        {
            var answer = RspJson.Read(bytes.Span, Es9PlusJsonContext.Default.CancelSessionResponseJson);
            var code = answer.IsSuccess() ? null : answer.FailureCode();
            return code is { } known && IsCode(known.Subject) && IsCode(known.Reason) ? DownloadError.ReportedRefusal(known) : null;
        }
        catch (ProtocolException)
        {
            // It is not what it looked like; it may still be readable as text.
            return null;
        }
    }

    /// <summary>A sentence of the IPA's own: printable ASCII, at most 80 characters.</summary>
    public static string? ReadText(ReadOnlyMemory<byte>? response)
    {
        if (response is not { IsEmpty: false } bytes)
        {
            return null;
        }

        var text = new StringBuilder(MaxText);
        foreach (var octet in bytes.Span[..Math.Min(bytes.Length, MaxText)])
        {
            text.Append(octet is >= (byte)' ' and <= (byte)'~' and not (byte)'"' ? (char)octet : '.');
        }

        return text.ToString();
    }

    // SGP.22 5.2.6: numbers with dots between them.
    private static bool IsCode(string text) => text.Length is > 0 and <= MaxCode && text.All(character => char.IsAsciiDigit(character) || character == '.');
}
