using BenchmarkDotNet.Attributes;
using OpenEim.Protocol.Security;

namespace OpenEim.Benchmarks.Micro;

/// <summary>Raw ECDSA over data as long as a package, on both curves of RSP.</summary>
[MemoryDiagnoser]
public class SignatureBenchmarks : IDisposable
{
    private readonly byte[] _data = new byte[120];
    private EcPrivateKey _key = EcPrivateKey.Generate(EcCurve.P256);
    private byte[] _signature = [];

    [Params(EcCurve.P256, EcCurve.BrainpoolP256r1)]
    public EcCurve Curve { get; set; }

    [GlobalSetup]
    public void Generate()
    {
        _key.Dispose();
        _key = EcPrivateKey.Generate(Curve);
        _signature = _key.Sign(_data);
    }

    [Benchmark]
    public byte[] Sign() => _key.Sign(_data);

    [Benchmark]
    public bool Verify() => _key.PublicKey.Verify(_data, _signature) ? true : throw new InvalidOperationException("the signature does not verify");

    [GlobalCleanup]
    public void Dispose()
    {
        _key.Dispose();
        GC.SuppressFinalize(this);
    }
}
