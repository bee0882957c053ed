using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Protocol.Tests.Sgp22;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp32;

/// <summary>What SGP.32 v1.3 adds on the wire, as exact bytes, read and written.</summary>
public sealed class V13Tests
{
    private const string EidText = "89049032000001000000128491234567";
    private const string Vendor = "300A8004883701028102CAFE";

    private static readonly Eid Eid = Eid.Parse(EidText);
    private static readonly TransactionId Id = TransactionId.FromBytes([0xAA, 0xBB]);

    public static TheoryData<string, TransferEimPackageResponse> Answers() => new()
    {
        { "BF4E020500", new TransferEimPackageResponse(Result: null) },
        { "BF4E03020102", new TransferEimPackageResponse(null, EimPackageResultErrorCode.UnknownPackage) },
        { "BF4E09BF6006A0048002AABB", new TransferEimPackageResponse(null, null, new PackageCorrelation(Id)) },
        { "BF4E17BF6014A0125A10" + EidText, new TransferEimPackageResponse(null, null, new PackageCorrelation(null, Eid)) },
        { "BF4E03BF6000", new TransferEimPackageResponse(null, null, new PackageCorrelation()) },
        { "BF4E0CBF6109A0048002AABB810101", new TransferEimPackageResponse(null, EimPackageResultErrorCode.InvalidPackageFormat, new PackageCorrelation(Id)) },
        { "BF4E06BF610381017F", new TransferEimPackageResponse(null, EimPackageResultErrorCode.UndefinedError, new PackageCorrelation()) },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void TransferEimPackage_is_answered_with_a_correlation(string hex, TransferEimPackageResponse answer)
    {
        Assert.Equal(hex, Convert.ToHexString(answer.Encode()));
        Assert.Equal(answer, BerMessage.Decode<TransferEimPackageResponse>(Bytes(hex)));
    }

    [Theory]
    [InlineData("BF4E07BF60048002AABB", null)]
    [InlineData("BF4E0ABF61078002AABB020101", EimPackageResultErrorCode.InvalidPackageFormat)]
    public void A_correlation_is_read_without_its_explicit_tag(string hex, EimPackageResultErrorCode? error) => Assert.Equal(
        new TransferEimPackageResponse(null, error, new PackageCorrelation(Id)), BerMessage.Decode<TransferEimPackageResponse>(Bytes(hex)));

    [Fact]
    public void An_unsigned_package_error_has_a_code()
    {
        const string hex = "BF510DA20B800365696D8201AA8F010F";
        Assert.Equal(hex, Convert.ToHexString(EuiccPackageErrorUnsigned.Encode("eim", TransactionId.FromBytes([0xAA]), null, 15)));
        var error = Assert.IsType<EuiccPackageErrorUnsigned>(BerMessage.Decode<EuiccPackageResult>(Bytes(hex)));
        Assert.Equal(("eim", 15), (error.EimId, error.Code));
    }

    [Fact]
    public void Proprietary_protocols_are_described_for_an_eIM_and_an_IPA()
    {
        var hex = T("30", T("80", Text("eim")), "87020308", "8900", T("AA", Vendor));
        var reader = new BerReader(Bytes(hex));
        var eim = EimConfigurationData.Decode(ref reader, 0x30);
        Assert.Equal(Vendor, Convert.ToHexString(eim.ProprietaryProtocolInformation!.Value.Span));
        Assert.True(eim.IndirectProfileDownload);
        Assert.Equal(hex, Convert.ToHexString(BerWriting.Encode(writer => eim.Encode(writer, 0x30))));

        var capabilities = ((IpaEuiccData)BerMessage.Decode<IpaEuiccDataResponse>(Bytes(T("BF52", T("A0", T("A8", "80020640", "81020308", T("A2", Vendor))))))).IpaCapabilities!;
        Assert.Equal(IpaFeatures.IndirectRspServerCommunication, capabilities.Features);
        Assert.Equal(EimSupportedProtocols.Proprietary, capabilities.Protocols);
        Assert.Equal(T("A8", "80020640", "81020308", T("A2", Vendor)), Convert.ToHexString(capabilities.Encoded()));
    }

    [Fact]
    public void An_eUICC_tells_its_security_level_and_that_ES6_may_change_the_fallback_permission()
    {
        var hex = Samples.EuiccInfo2[6..] + T("B4", T("A0", T("04", "010300")), "8100", "8200", "8300") + "950103";
        hex = T("BF22", hex);
        var info = BerMessage.Decode<EuiccInfo2>(Bytes(hex));

        Assert.Equal((byte)3, info.MinimumSecurityLevel);
        Assert.True(info.IotSpecificInfo!.FallbackAllowedUpdateSupported);
        Assert.Equal(hex, Convert.ToHexString(info.Encode()));
        Assert.False(BerMessage.Decode<EuiccInfo2>(Bytes(T("BF22", T("B4", T("A0", T("04", "010200")))))).IotSpecificInfo!.FallbackAllowedUpdateSupported);
    }

    [Fact]
    public void Profiles_and_metadata_hold_data_for_IoT()
    {
        var hex = T("E3", "5A0A981032547698103254F6", T("BF64", "800101"));
        var profile = BerMessage.Decode<ProfileInfo>(Bytes(hex));
        Assert.Equal("800101", Convert.ToHexString(profile.IotSpecific!.Value.Span));
        Assert.Equal(hex, Convert.ToHexString(profile.Encode()));

        hex = T("BF25", "5A0A981032547698103254F6", T("91", "41"), T("92", "42"), "9F6701FF", "BF6400");
        var metadata = BerMessage.Decode<StoreMetadataRequest>(Bytes(hex));
        Assert.Equal(0, metadata.IotSpecific!.Value.Length);
        Assert.Equal(hex, Convert.ToHexString(metadata.Encode()));
    }

    [Fact]
    public void EIMs_are_searched_by_their_id()
    {
        const string hex = "BF5507A005800365696D";
        Assert.Equal("eim", BerMessage.Decode<GetEimConfigurationDataRequest>(Bytes(hex)).EimId);
        Assert.Equal(hex, Convert.ToHexString(new GetEimConfigurationDataRequest("eim").Encode()));
        Assert.Equal("BF5500", Convert.ToHexString(new GetEimConfigurationDataRequest().Encode()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_compact_notification_names_the_CI(bool isNamed)
    {
        var signed = T("BF2F", "800105", "81020780", T("0C", Text("smdp.example")));
        var hex = T("A1", T("5A", EidText), signed, T("5F37", Samples.Signature), isNamed ? T("04", "11223344") : "");
        var notification = Assert.IsType<CompactOtherNotification>(BerMessage.Decode<PendingNotification>(Bytes(hex)));

        Assert.Equal(Eid, notification.Eid);
        Assert.Equal(5, notification.Metadata.SequenceNumber);
        Assert.Equal(signed, Convert.ToHexString(notification.SignedData.Span));
        Assert.Equal(isNamed ? "11223344" : null, notification.CiPkId is { } id ? Convert.ToHexString(id.Span) : null);
        Assert.Equal(hex, Convert.ToHexString(CompactOtherNotification.Create(Eid, Bytes(signed), Bytes(Samples.Signature), notification.CiPkId).Encode()));
    }

    [Fact]
    public void An_expired_order_is_told_by_AuthenticateClient() => Assert.Equal(18, (int)AuthenticateClientErrorEsipa.DownloadOrderExpired);
}
