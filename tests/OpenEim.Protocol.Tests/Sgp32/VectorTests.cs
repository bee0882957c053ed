using System.Reflection;
using System.Text.RegularExpressions;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Protocol.Tests.Sgp32;

/// <summary>Every known answer of Vectors/sgp32-v1.2.txt (made by an independent ASN.1 compiler), read and written again byte for byte.</summary>
public sealed partial class VectorTests
{
    private static readonly Dictionary<string, Func<ReadOnlyMemory<byte>, IBerMessage>> Readers = new()
    {
        ["EuiccPackageRequest"] = Whole<EuiccPackageRequest>,
        ["Psmo"] = Whole<Psmo>,
        ["Eco"] = Whole<Eco>,
        ["EuiccPackage"] = Whole<EuiccPackage>,
        ["IpaEuiccDataRequest"] = Whole<IpaEuiccDataRequest>,
        ["ProfileDownloadTriggerRequest"] = Whole<ProfileDownloadTriggerRequest>,
        ["ProfileDownloadTriggerResult"] = Whole<ProfileDownloadTriggerResult>,
        ["EimAcknowledgements"] = Whole<EimAcknowledgements>,
        ["EimPackageResult"] = Whole<EimPackageResult>,
        ["EuiccResultData"] = Whole<EuiccResultData>,
        ["GetEimPackageRequest"] = Whole<GetEimPackageRequest>,
        ["ProvideEimPackageResult"] = Whole<ProvideEimPackageResult>,
        ["InitiateAuthenticationRequestEsipa"] = Whole<InitiateAuthenticationRequestEsipa>,
        ["CancelSessionRequestEsipa"] = Whole<CancelSessionRequestEsipa>,
        ["EsipaMessageFromIpaToEim"] = EsipaRequest.Decode,
        ["EsipaMessageFromEimToIpa"] = EsipaResponse.Decode,
        ["AddInitialEimRequest"] = Whole<AddInitialEimRequest>,
        ["AddInitialEimResponse"] = Whole<AddInitialEimResponse>,
        ["ProfileRollbackRequest"] = Whole<RefreshRequest>,
        ["ProfileRollbackResponse"] = Whole<ProfileRollbackResponse>,
        ["ImmediateEnableRequest"] = Whole<RefreshRequest>,
        ["ImmediateEnableResponse"] = Whole<CodeResponse>,
        ["ConfigureImmediateProfileEnablingRequest"] = Whole<ConfigureImmediateProfileEnablingRequest>,
        ["GetEimConfigurationDataRequest"] = Whole<GetEimConfigurationDataRequest>,
        ["EuiccMemoryResetRequest"] = Whole<EuiccMemoryResetRequest>,
        ["EuiccMemoryResetResponse"] = Whole<EuiccMemoryResetResponse>,
        ["RetrieveNotificationsListRequest"] = Whole<RetrieveNotificationsListRequest>,
        ["RetrieveNotificationsListResponse"] = Whole<RetrieveNotificationsListResponse>,
        ["GetCertsRequest"] = Whole<GetCertsRequest>,
        ["GetConnectivityParametersRequest"] = Whole<EmptyRequest>,
        ["GetConnectivityParametersResponse"] = Whole<GetConnectivityParametersResponse>,
        ["ExecuteFallbackMechanismRequest"] = Whole<RefreshRequest>,
        ["ISDRProprietaryApplicationTemplateIoT"] = Whole<IsdrTemplateIot>,
        ["IpaeActivationRequest"] = Whole<IpaeActivationRequest>,
    };

    public static TheoryData<string, string, string> Vectors()
    {
        using var stream = Assembly.GetExecutingAssembly()
            .GetManifestResourceStream("OpenEim.Protocol.Tests.Vectors.sgp32-v1.2.txt")!;
        using var reader = new StreamReader(stream);
        var data = new TheoryData<string, string, string>();
        while (reader.ReadLine() is { } line)
        {
            if (VectorLine().Match(line) is { Success: true } match)
            {
                data.Add(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Known_answer_is_read_and_written_byte_for_byte(string description, string type, string hex)
    {
        Assert.True(Readers.ContainsKey(type), $"{description}: no reader for {type}");
        var message = Readers[type](Convert.FromHexString(hex));

        Assert.Equal(hex, Convert.ToHexStringLower(message.Encode()));
    }

    [Fact]
    public void All_lines_of_the_file_are_tested() => Assert.Equal(76, Vectors().Count);

    [Fact]
    public void Signed_part_of_the_package_is_written_from_its_fields_byte_for_byte()
    {
        var request = BerMessage.Decode<EuiccPackageRequest>(Convert.FromHexString(
            "bf5133302c8001655a108904903212345123451234567890123581010182020102a00ea30c5a0a981032547698103254765f3702aabb"));

        var signed = request.ReadSigned();

        Assert.Equal("e", signed.EimId);
        Assert.Equal("89049032123451234512345678901235", signed.Eid.ToString());
        Assert.Equal(1, signed.CounterValue);
        Assert.Equal("0102", signed.TransactionId!.Value.ToString());
        var enable = Assert.IsType<EnableProfile>(Assert.Single(signed.Package.Psmos!));
        Assert.Equal("89012345678901234567", enable.Iccid.ToString());
        Assert.False(enable.Rollback);
        Assert.Equal(request.SignedData.ToArray(), signed.Encode());
    }

    [Fact]
    public void Result_data_is_written_from_its_fields_byte_for_byte()
    {
        const string hex = "bf516da06b3064800165810101820201028301053055830100840101850102bf2d18a016e3145a0a981032547698103254769f7001019f2601ff870100a803840101a8030201008901028a0101ab0aa00830068001658201028c01008d01038e0102020102bf65038001005f3702aabb";
        var result = (EuiccPackageResultSigned)BerMessage.Decode<EimPackageResult>(Convert.FromHexString(hex)).PackageResult!;

        var data = EuiccPackageResultSigned.EncodeData(result.EimId, result.CounterValue, result.TransactionId, result.SequenceNumber, result.Results);

        Assert.Equal(result.SignedData.ToArray(), data);
        Assert.Equal(hex, Convert.ToHexStringLower(EuiccPackageResultSigned.Encode(data, result.Signature)));
        Assert.Equal(15, result.Results.Count);
        Assert.Equal(new CommandResult(EuiccCommand.Enable, 0), result.Results[0]);
        var profile = Assert.Single(((ProfileInfoListResult)result.Results[3]).Response.Profiles!);
        Assert.Equal(ProfileState.Enabled, profile.State);
        Assert.True(profile.FallbackAttribute);
    }

    private static IBerMessage Whole<T>(ReadOnlyMemory<byte> data) where T : IBerMessage<T> => BerMessage.Decode<T>(data);

    [GeneratedRegex(@"^([^#].*) \('(\w+)'\): ([0-9a-f]+)$")]
    private static partial Regex VectorLine();
}
