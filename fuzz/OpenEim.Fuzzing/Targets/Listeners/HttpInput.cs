using System.Net.Http.Headers;
using System.Text;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>A request as it stands in a seed file: <c>METHOD target</c>, headers, an empty line, the body.</summary>
internal sealed record HttpInput(string Method, string Target, IReadOnlyList<string> Headers, byte[] Body)
{
    /// <summary>Reads a file; null when its first line has no method and target.</summary>
    public static HttpInput? Parse(byte[] input)
    {
        var end = input.AsSpan().IndexOf("\n\n"u8);
        var head = Encoding.UTF8.GetString(end < 0 ? input : input.AsSpan(0, end)).Split('\n');
        var first = head[0].Split(' ', 2);
        return first.Length == 2 && first[0].Length is > 0 and < 20 && first[0].All(char.IsAsciiLetter)
            ? new HttpInput(first[0], first[1], head[1..], end < 0 ? [] : input[(end + 2)..])
            : null;
    }

    /// <summary>Writes the file.</summary>
    public byte[] Write() => [.. Encoding.UTF8.GetBytes($"{Method} {Target}\n{string.Concat(Headers.Select(header => header + "\n"))}\n"), .. Body];

    /// <summary>The request to a listener; null when no client could send it.</summary>
    public HttpRequestMessage? ToMessage(Uri listener, string mediaType)
    {
        if (Target.Length == 0 || Target[0] != '/' || !Uri.TryCreate(listener.GetLeftPart(UriPartial.Authority) + Target, UriKind.Absolute, out var uri) || uri.Authority != listener.Authority)
        {
            return null;
        }

        var request = new HttpRequestMessage(new HttpMethod(Method), uri);
        if (Body.Length > 0)
        {
            request.Content = new ByteArrayContent(Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }

        foreach (var parts in Headers.Select(header => header.Split(':', 2)).Where(parts => parts.Length == 2))
        {
            Add(request, parts[0].Trim(), parts[1].Trim());
        }

        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        // What frames the message is the client's own, and a client that waits for 100 would wait for each request.
        if (name.Length == 0 || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) || name.Equals("Expect", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || value.Any(c => c is < ' ' or > '~'))
        {
            return;
        }

        if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
        {
            request.Content?.Headers.Remove(name);
            request.Content?.Headers.TryAddWithoutValidation(name, value);
            return;
        }

        request.Headers.TryAddWithoutValidation(name, value);
    }
}
