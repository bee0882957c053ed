using BenchmarkDotNet.Attributes;
using OpenEim.Protocol.Security.Bsp;

namespace OpenEim.Benchmarks.Micro;

/// <summary>Secure messaging of a profile package (SGP.22 2.6.4): its longest segment, and the derivation of the keys.</summary>
[MemoryDiagnoser]
public class BspBenchmarks : IDisposable
{
    private static readonly byte[] HostId = [0x88, 0x37, 0x0A];

    private readonly byte[] _secret = new byte[32];
    private readonly byte[] _plaintext = new byte[BspSession.MaxPlaintext];
    private readonly byte[] _protected = new byte[BspSession.MaxSegment];
    private byte[] _first = [];
    private BspSession? _sender;

    [GlobalSetup]
    public void Open()
    {
        _sender = Derive_session();
        using var sender = Derive_session();
        _first = sender.Protect(BspTag.ProfileElements, _plaintext);
    }

    [Benchmark]
    public BspSession Derive_session() => BspSession.Derive(_secret, HostId, Engines.EidRange.At(1));

    [Benchmark]
    public int Protect_segment() => _sender!.Protect(BspTag.ProfileElements, _plaintext, _protected);

    /// <summary>A session takes each segment once, so that its derivation is in it.</summary>
    [Benchmark]
    public byte[] Derive_session_and_unprotect_segment()
    {
        using var receiver = Derive_session();
        var error = receiver.Unprotect(BspTag.ProfileElements, _first, out var plaintext);
        return error == BspError.None ? plaintext : throw new InvalidOperationException($"the segment is refused: {error}");
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _sender?.Dispose();
        GC.SuppressFinalize(this);
    }
}
