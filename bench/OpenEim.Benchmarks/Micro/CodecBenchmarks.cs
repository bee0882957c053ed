using BenchmarkDotNet.Attributes;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Benchmarks.Micro;

/// <summary>The messages of the main job, read and written.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private static readonly Eid Eid = Engines.EidRange.At(1);
    private static readonly Iccid Iccid = Iccid.Parse("8988000000000000129");
    private static readonly byte[] Signature = new byte[64];

    private readonly GetEimPackageRequest _poll = new(Eid);
    private readonly EuiccPackageSigned _package = new(
        "eim.example.com", Eid, 1_000_000, TransactionId.FromBytes(new byte[16]), EuiccPackage.Of(new EnableProfile(Iccid, Rollback: true)));

    private byte[] _encodedPoll = [];
    private byte[] _encodedPackage = [];
    private byte[] _encodedResult = [];

    [GlobalSetup]
    public void Encode()
    {
        _encodedPoll = _poll.Encode();
        _encodedPackage = EuiccPackageRequest_Encode();
        _encodedResult = EuiccPackageResult_Encode();
    }

    [Benchmark]
    public byte[] GetEimPackageRequest_Encode() => _poll.Encode();

    [Benchmark]
    public GetEimPackageRequest GetEimPackageRequest_Decode() => BerMessage.Decode<GetEimPackageRequest>(_encodedPoll);

    [Benchmark]
    public byte[] EuiccPackageRequest_Encode() => new EuiccPackageRequest(_package.Encode(), Signature).Encode();

    [Benchmark]
    public EuiccPackageSigned EuiccPackageRequest_Decode() => BerMessage.Decode<EuiccPackageRequest>(_encodedPackage).ReadSigned();

    [Benchmark]
    public byte[] EuiccPackageResult_Encode() => EuiccPackageResultSigned.Encode(
        EuiccPackageResultSigned.EncodeData(_package.EimId, _package.CounterValue, _package.TransactionId, 7, [new CommandResult(EuiccCommand.Enable, 0)]),
        Signature);

    [Benchmark]
    public EuiccPackageResult EuiccPackageResult_Decode() => BerMessage.Decode<EuiccPackageResult>(_encodedResult);
}
