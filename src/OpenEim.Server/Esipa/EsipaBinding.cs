using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Server.Esipa;

/// <summary>One way to carry ESipa over HTTP: its paths, its media type, and how messages become bytes. An IPA uses one of them.</summary>
internal abstract class EsipaBinding
{
    /// <summary>The media type of requests, without parameters.</summary>
    public abstract string MediaType { get; }

    /// <summary>The Content-Type of answers.</summary>
    public abstract string AnswerType { get; }

    /// <summary>Whether a path belongs to it.</summary>
    public abstract bool Has(string? path);

    /// <summary>Reads a request.</summary>
    /// <param name="path">One of its paths.</param>
    /// <param name="body">The whole body.</param>
    /// <returns>The request; or, where only its EID is missing or invalid, the answer that the function has for that.</returns>
    /// <exception cref="ProtocolException">The body is malformed.</exception>
    public abstract (IBerMessage? Request, IBerMessage? Refusal) Read(string path, ReadOnlyMemory<byte> body);

    /// <summary>Writes an answer.</summary>
    /// <param name="path">The path of the request.</param>
    /// <param name="answer">What the function answers.</param>
    public abstract ReadOnlyMemory<byte> Write(string path, IBerMessage answer);
}
