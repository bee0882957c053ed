using OpenEim.Device.Transports;

namespace OpenEim.Tests.Ipa;

/// <summary>A card of another maker: ours, but for the answers that a test changes.</summary>
/// <param name="card">Ours.</param>
/// <param name="change">Gets an ES10 request and our answer to it, in hex, and gives the answer of the other card: data, a status word of 4 digits alone, or data and a status word behind a slash.</param>
internal sealed class ForeignCard(ICard card, Func<string, string, string> change) : ICard
{
    private string _request = "";
    private string _answer = "";

    public ReadOnlyMemory<byte> Reset() => card.Reset();

    public ReadOnlyMemory<byte> Transmit(ReadOnlyMemory<byte> command)
    {
        var hex = Convert.ToHexString(command.Span);
        if (hex[2..4] == "C0" && _answer.Length > 0)
        {
            var length = Math.Min(_answer.Length, 2 * 255);
            var chunk = _answer[..length];
            _answer = _answer[length..];
            return Convert.FromHexString(chunk + (_answer.Length == 0 ? "9000" : $"61{Math.Min(_answer.Length / 2, 255):X2}"));
        }

        var response = card.Transmit(command);
        if (hex[2..4] != "E2")
        {
            return response;
        }

        _request += hex[10..];
        if (hex[4..6] == "11")
        {
            return response;
        }

        var request = _request;
        _request = "";
        var changed = change(request, Fetch(hex[..2], Convert.ToHexString(response.Span)));
        if (changed.Contains('/', StringComparison.Ordinal))
        {
            return Convert.FromHexString(changed.Replace("/", "", StringComparison.Ordinal));
        }

        if (changed.Length <= 4)
        {
            return Convert.FromHexString(changed.Length == 0 ? "9000" : changed);
        }

        _answer = changed;
        return Convert.FromHexString($"61{Math.Min(changed.Length / 2, 255):X2}");
    }

    private string Fetch(string cla, string response)
    {
        var answer = "";
        while (response.StartsWith("61", StringComparison.Ordinal) && response.Length == 4 || response.Length > 4 && response[^4..^2] == "61")
        {
            response = Convert.ToHexString(card.Transmit(Convert.FromHexString($"{cla}C00000{response[^2..]}")).Span);
            answer += response[..^4];
        }

        return answer.Length == 0 ? response : answer;
    }
}
