using System.Text;
using OpenEim.Fuzzing.Targets.Listeners;

namespace OpenEim.Fuzzing.Mutation;

/// <summary>Changes a request: its method, a part of its path or query, a header, or its body.</summary>
internal static class RequestMutator
{
    private static readonly string[] Methods = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"];

    private static readonly string[] Queries =
    [
        "page=0", "page=1", "page=999999999999", "per_page=0", "per_page=-1", "per_page=100000", "sort=-eid", "sort=,", "sort=eid,-status", "q=status:1|2", "q=eid:*", "q=:",
        "q=eid:%00", "q=a:b,c:d", "page=1&page=2",
    ];

    private static readonly string[] Headers =
    [
        "Idempotency-Key: 1", "Idempotency-Key: ", "Authorization: Bearer x", "Content-Type: text/plain", "Content-Type: application/json; charset=utf-16", "X-Admin-Protocol: gsma/rsp/v9",
        "X-Admin-Protocol: x", "Accept: text/html", "Host: example.com", "X-Forwarded-Proto: javascript",
    ];

    /// <summary>Changes a request once; null when the text is none.</summary>
    public static byte[]? Mutate(byte[] input, byte[] other, Random random)
    {
        if (HttpInput.Parse(input) is not { } request)
        {
            return null;
        }

        if (request.Body.Length > 0 && random.Next(3) > 0)
        {
            var donor = HttpInput.Parse(other)?.Body ?? other;
            var body = JsonMutator.Mutate(request.Body, donor, random) ?? ByteMutator.Mutate(request.Body, donor, random);
            return (request with { Body = body }).Write();
        }

        return (random.Next(6) switch
        {
            0 => request with { Method = Methods[random.Next(Methods.Length)] },
            1 => request with { Target = AddQuery(request.Target, random) },
            2 => request with { Headers = [.. request.Headers, Headers[random.Next(Headers.Length)]] },
            3 => request with { Body = HttpInput.Parse(other)?.Body ?? Encoding.UTF8.GetBytes("[]") },
            _ => request with { Target = ChangeSegment(request.Target, random) },
        }).Write();
    }

    private static string AddQuery(string target, Random random) =>
        target + (target.Contains('?', StringComparison.Ordinal) ? '&' : '?') + Queries[random.Next(Queries.Length)];

    private static string ChangeSegment(string target, Random random)
    {
        var parts = target.Split('/');
        var at = random.Next(parts.Length);
        parts[at] = random.Next(2) == 0 ? TextMutator.Piece(random) : TextMutator.Mutate(parts[at], parts[at], random);
        return string.Join('/', parts);
    }
}
