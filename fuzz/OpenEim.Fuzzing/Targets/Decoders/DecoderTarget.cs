using System.Text;
using OpenEim.Protocol;

namespace OpenEim.Fuzzing.Targets.Decoders;

/// <summary>A decoder of OpenEim.Protocol.</summary>
/// <remarks>
/// Only <see cref="ProtocolException"/> may leave a decoder. What it decoded can be encoded, the encoding decodes, and encodes to the same
/// bytes again. It allocates in proportion to its input.
/// </remarks>
internal sealed class DecoderTarget<T>(
    string name, InputKind kind, string description, Func<byte[], T> decode, Func<T, byte[]>? encode, Action<T>? use = null)
    : FuzzTarget(name, kind, description)
{
    private const long AllowedBytes = 8 * 1024 * 1024;
    private const long AllowedBytesPerByte = 4096;

    /// <inheritdoc/>
    public override Task<bool> RunAsync(byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = Decode(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= AllowedBytes + (AllowedBytesPerByte * input.Length)
            ? Task.FromResult(accepted)
            : throw new FindingException($"{input.Length} bytes made the decoder allocate {allocated} bytes");
    }

    private bool Decode(byte[] input)
    {
        T message;
        try
        {
            message = decode(input);
        }
        catch (ProtocolException)
        {
            return false;
        }

        if (Encode(message) is { } written)
        {
            CheckEncoding(written);
        }

        try
        {
            use?.Invoke(message);
        }
        catch (ProtocolException)
        {
            // A part that is decoded later may be malformed; no other exception may leave it.
        }

        return true;
    }

    private byte[]? Encode(T message)
    {
        try
        {
            return encode?.Invoke(message);
        }
        catch (ProtocolException)
        {
            // What was received and kept as it was may be no TLV, which BerWriting.Raw refuses to carry on.
            return null;
        }
    }

    private void CheckEncoding(byte[] written)
    {
        T again;
        try
        {
            again = decode(written);
        }
        catch (ProtocolException e)
        {
            throw new FindingException($"what was decoded is encoded as {Show(written)}, which does not decode: {e.Message}", e);
        }

        var writtenAgain = encode!(again);
        if (!writtenAgain.AsSpan().SequenceEqual(written))
        {
            throw new FindingException($"what was decoded is encoded as {Show(written)}, and then as {Show(writtenAgain)}");
        }
    }

    private string Show(byte[] bytes) => Kind == InputKind.Ber ? Convert.ToHexString(bytes) : Encoding.UTF8.GetString(bytes);
}
