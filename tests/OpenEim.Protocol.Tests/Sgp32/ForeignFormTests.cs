using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Protocol.Tests.Sgp22;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp32;

/// <summary>Forms that other vendors' cards, IPAs and eIMs send, where the ASN.1 module has another.</summary>
public sealed class ForeignFormTests
{
    private const string Eid = "89049032000001000000128491234567";

    [Fact]
    public void Errors_come_bare()
    {
        var answer = BerMessage.Decode<ProvideEimPackageResult>(Bytes(T("BF50", T("5A", Eid), "020102")));
        Assert.Equal(Eid, answer.Eid.ToString());
        Assert.Equal(new EimPackageResultError(null, EimPackageResultErrorCode.UnknownPackage), answer.Result.Error);

        var error = Assert.IsType<EuiccPackageErrorUnsigned>(BerMessage.Decode<EuiccPackageResult>(Bytes("BF5103020103")));
        Assert.Equal(("", null, 3), (error.EimId, error.TransactionId, error.Code));
    }

    [Theory]
    [InlineData("AB03020105")]
    [InlineData("AB03810105")]
    public void ListEim_tells_its_error_under_either_tag(string result) =>
        Assert.Equal(new ListEimResult(null, 5), BerMessage.Decode<EuiccResultData>(Bytes(result)));

    [Theory]
    [InlineData("BF65030201" + "7F")]
    [InlineData("BF65038001" + "7F")]
    public void SetDefaultDpAddress_tells_its_code_under_either_tag(string result) =>
        Assert.Equal(new CommandResult(EuiccCommand.SetDefaultDpAddress, 127), BerMessage.Decode<EuiccResultData>(Bytes(result)));

    [Theory]
    [InlineData("A803800102")]
    [InlineData("A803020102")]
    public void AddEim_tells_its_code_under_either_tag(string result) =>
        Assert.Equal(new AddEimResult(null, AddEimResultCode.AssociatedEimAlreadyExists), BerMessage.Decode<EuiccResultData>(Bytes(result)));

    [Fact]
    public void Results_come_without_their_list()
    {
        var data = T("30", T("80", Text("eim")), T("81", "07"), T("83", "05"), "830100", "850102", "020101");
        foreach (var arm in new[] { "A0", "30" })
        {
            var result = Assert.IsType<EuiccPackageResultSigned>(
                BerMessage.Decode<EuiccPackageResult>(Bytes(T("BF51", T(arm, data, T("5F37", Samples.Signature))))));

            Assert.Equal(5, result.SequenceNumber);
            Assert.Equal(
                [new CommandResult(EuiccCommand.Enable, 0), new CommandResult(EuiccCommand.Delete, 2), new CommandResult(EuiccCommand.ProcessingTerminated, 1)],
                result.Results);
            Assert.Equal(data, Convert.ToHexString(result.SignedData.Span));
        }
    }

    [Fact]
    public void What_a_later_version_adds_behind_the_results_is_no_result()
    {
        var data = T("30", T("80", Text("eim")), T("81", "07"), T("83", "05"), T("30", "830100"), "840101", "870101");
        var result = (EuiccPackageResultSigned)BerMessage.Decode<EuiccPackageResult>(Bytes(T("BF51", T("A0", data, T("5F37", Samples.Signature)))));

        Assert.Equal(new CommandResult(EuiccCommand.Enable, 0), Assert.Single(result.Results));
        Assert.Equal(5, result.SequenceNumber);
    }

    [Theory]
    [InlineData("A0", "30")]
    [InlineData("A0", null)]
    [InlineData("30", null)]
    public void A_profile_list_comes_in_a_list_of_its_own(string arm, string? nested)
    {
        var profiles = T("E3", T("5A", "981032547698103254F6")) + T("E3", T("5A", "988604B7191207120034"));
        var list = BerMessage.Decode<ProfileInfoListResponse>(Bytes(T("BF2D", T(arm, nested is null ? profiles : T(nested, profiles)))));

        Assert.True(list.IsComplete);
        Assert.Equal(["8901234567890123456", "8968407B912170210043"], list.Profiles!.Select(profile => profile.Iccid.ToString()));
    }

    [Fact]
    public void Deeply_nested_lists_are_not_followed()
    {
        var nested = Enumerable.Range(0, 20).Aggregate(T("E3"), (inner, _) => T("30", inner));
        var list = BerMessage.Decode<ProfileInfoListResponse>(Bytes(T("BF2D", T("A0", nested))));

        Assert.False(list.IsComplete);
        Assert.Empty(list.Profiles!);
    }

    [Fact]
    public void Keys_of_an_eIM_come_without_the_tag_of_their_choice()
    {
        var publicKey = T("30", T("30", "0603550401"), T("03", "00AA"));
        EimConfigurationData Read(string first, string second)
        {
            var reader = new BerReader(Bytes(T("30", T("80", Text("eim")), T("A5", first), T("A6", second), T("89"))));
            return EimConfigurationData.Decode(ref reader, 0x30);
        }

        var bare = Read(publicKey, Samples.Certificate);
        var tagged = Read("A0" + publicKey[2..], "A1" + Samples.Certificate[2..]);
        foreach (var eim in new[] { bare, tagged })
        {
            Assert.Equal(publicKey, Convert.ToHexString(eim.EimPublicKeyData!.PublicKey!.Value.Span));
            Assert.Null(eim.EimPublicKeyData.Certificate);
            Assert.Equal(Samples.Certificate, Convert.ToHexString(eim.TrustedPublicKeyDataTls!.Certificate!.Value.Span));
            Assert.Null(eim.TrustedPublicKeyDataTls.PublicKey);
            Assert.True(eim.IndirectProfileDownload);
        }
    }

    [Fact]
    public void Certificates_come_with_a_sequence_of_their_own()
    {
        var data = (IpaEuiccData)BerMessage.Decode<IpaEuiccDataResponse>(
            Bytes(T("BF52", T("A0", T("A5", Samples.Certificate), T("A6", Samples.OtherCertificate)))));
        Assert.Equal(Samples.Certificate, Convert.ToHexString(data.EumCertificate!.Value.Span));
        Assert.Equal(Samples.OtherCertificate, Convert.ToHexString(data.EuiccCertificate!.Value.Span));

        var certs = BerMessage.Decode<GetCertsResponse>(Bytes(T("BF56", T("A0", T("A5", Samples.Certificate), T("A6", Samples.OtherCertificate)))));
        Assert.Equal(Samples.Certificate, Convert.ToHexString(certs.EumCertificate!.Value.Span));
        Assert.Equal(Samples.OtherCertificate, Convert.ToHexString(certs.EuiccCertificate!.Value.Span));
    }

    [Fact]
    public void A_card_that_holds_nothing_or_has_removed_something_says_nothing()
    {
        Assert.Empty(BerMessage.Decode<RetrieveNotificationsListResponse>(Bytes("BF2B00")).Notifications!);
        Assert.Equal(DeleteNotificationStatus.Ok, BerMessage.Decode<NotificationSentResponse>(Bytes("BF3000")).Status);
        Assert.Equal(DeleteNotificationStatus.NothingToDelete, BerMessage.Decode<NotificationSentResponse>(Bytes("BF3003800101")).Status);
    }
}
