using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Protocol.Tests.Sgp22;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp32;

/// <summary>Odd values in what an eUICC signed or a device tells: that value is left out and reported, the rest is read.</summary>
public sealed class UnreadableContentTests
{
    private const string Iccid = "5A0A981032547698103254F6";

    private static readonly string Header = T("80", Text("eim.example")) + T("81", "07") + T("82", "AABB");

    private static EuiccPackageResultSigned Result(params string[] results) => Decode<EuiccPackageResultSigned>(
        T("BF51", T("A0", T("30", Header, T("83", "05"), T("30", results)), T("5F37", Samples.Signature))));

    private static T Decode<T>(string hex)
        where T : EuiccPackageResult => Assert.IsType<T>(BerMessage.Decode<EuiccPackageResult>(Bytes(hex)));

    private static ProfileInfo Profile(string field)
    {
        var list = Assert.IsType<ProfileInfoListResult>(Assert.Single(
            Result(T("BF2D", T("A0", T("E3", Iccid, field, T("9F70", "01"))))).Results)).Response;
        var profile = Assert.Single(list.Profiles!);
        Assert.Equal("8901234567890123456", profile.Iccid.ToString());
        Assert.Equal(ProfileState.Enabled, profile.State);
        Assert.True(list.IsComplete);
        return profile;
    }

    // Latin-1, cut in the middle of a character, 300 bytes, and the character that PostgreSQL does not take.
    [Theory]
    [InlineData("4D756E6368E96E", "Munch\uFFFDn")]
    [InlineData("4D756EC3", "Mun\uFFFD")]
    [InlineData("410042", "A\uFFFDB")]
    [InlineData("", "")]
    public void A_text_is_read_with_replacement_characters(string bytes, string text)
    {
        Assert.Equal(text, Profile(T("92", bytes)).ProfileName);
        Assert.Equal(text, Profile(T("91", bytes)).ServiceProviderName);
        Assert.Equal(text, Profile(T("90", bytes)).Nickname);
    }

    [Fact]
    public void Names_and_icons_beyond_the_limits_are_read()
    {
        Assert.Equal(new string('A', 300), Profile(T("92", Fill("41", 300))).ProfileName);
        var icon = Profile(T("94", Fill("89", 2000)));
        Assert.Equal(2000, icon.Icon!.Value.Length);
        Assert.Empty(icon.Unreadable);
    }

    [Theory]
    [InlineData("9500", 0x95u)]
    [InlineData("9509010203040506070809", 0x95u)]
    [InlineData("95050100000000", 0x95u)]
    [InlineData("9300", 0x93u)]
    [InlineData("9900", 0x99u)]
    [InlineData("990108", 0x99u)]
    [InlineData("990107", 0x99u)]
    [InlineData("9F2600", 0x9F26u)]
    [InlineData("9F670201FF", 0x9F67u)]
    [InlineData("4F00", 0x4Fu)]
    public void A_field_that_cannot_be_read_is_left_out_and_reported(string field, uint tag)
    {
        var profile = Profile(field);

        var unreadable = Assert.Single(profile.Unreadable);
        Assert.Equal(tag, unreadable.Tag);
        Assert.Equal(field, Convert.ToHexString(unreadable.Encoded.Span));
        Assert.NotEmpty(unreadable.Reason);
        Assert.Null(profile.Class);
        Assert.Null(profile.IconType);
        Assert.Null(profile.PolicyRules);
        Assert.Null(profile.IsdpAid);
        Assert.Null(profile.FallbackAttribute);
        Assert.Null(profile.FallbackAllowed);
    }

    [Fact]
    public void An_entry_of_who_wants_to_hear_may_have_unknown_bits_and_one_without_events_is_left_out()
    {
        var profile = Profile(T("B6",
            T("30", T("80", "00FF"), T("81", Text("a.example"))),
            T("30", T("80", ""), T("81", Text("b.example"))),
            T("30", T("80", "0410"), T("81", "E9"))));

        Assert.Equal(
            [((NotificationEvents)0xFF, "a.example"), (NotificationEvents.Delete, "\uFFFD")],
            profile.NotificationConfigurations!.Select(entry => (entry.Events, entry.Address)));
        Assert.Equal("8000", Convert.ToHexString(Assert.Single(profile.Unreadable).Encoded.Span));
    }

    [Theory]
    [InlineData("5A0998103254769810325")]
    [InlineData("")]
    public void A_list_with_a_profile_that_has_no_readable_ICCID_is_not_complete(string iccid)
    {
        var field = iccid.Length == 0 ? "" : T("5A", Fill("98", 9));
        var result = Result(T("BF2D", T("A0", T("E3", Iccid), T("E3", field, T("92", "41")))));

        var list = Assert.IsType<ProfileInfoListResult>(Assert.Single(result.Results)).Response;
        Assert.Equal(2, list.Profiles!.Count);
        Assert.Null(list.Profiles[1].Iccid);
        Assert.Equal("A", list.Profiles[1].ProfileName);
        Assert.False(list.IsComplete);
        Assert.Equal(field.Length == 0 ? 0 : 1, result.Unreadable.Count);
    }

    [Fact]
    public void A_result_that_cannot_be_read_leaves_those_beside_it()
    {
        var result = Result("830100", "8400", "A8028400", "BF2D0142", "8409010203040506070809", "850103", "C70142");

        Assert.Equal(5, result.SequenceNumber);
        Assert.Equal(new CommandResult(EuiccCommand.Enable, 0), result.Results[0]);
        Assert.Equal(
            [(0x84u, "8400"), (0xA8u, "A8028400"), (0xBF2Du, "BF2D0142"), (0x84u, "8409010203040506070809")],
            result.Results.OfType<UnreadableResult>().Select(unreadable => (unreadable.Tag, Convert.ToHexString(unreadable.Encoded.Span))));
        Assert.Equal(new CommandResult(EuiccCommand.Delete, 3), result.Results[5]);
        Assert.Equal("C70142", Convert.ToHexString(Assert.IsType<UnknownResult>(result.Results[6]).Encoded.Span));
        Assert.Equal(4, result.Unreadable.Count);
    }

    [Fact]
    public void Where_the_list_cannot_be_framed_any_further_the_rest_is_one_unreadable_result()
    {
        var result = Result("830100", "8405010203");

        Assert.Equal(2, result.Results.Count);
        var rest = Assert.IsType<UnreadableResult>(result.Results[1]);
        Assert.Equal((0u, "8405010203"), (rest.Tag, Convert.ToHexString(rest.Encoded.Span)));
    }

    [Fact]
    public void Numbers_of_the_signed_data_may_be_unreadable()
    {
        var result = Decode<EuiccPackageResultSigned>(T("BF51", T("A0",
            T("30", T("80", Text("eim.example")), T("81", Fill("01", 9)), T("82", Fill("AA", 17)), T("83", ""), T("30", "830100")),
            T("5F37", Samples.Signature))));

        Assert.Null(result.CounterValue);
        Assert.Null(result.TransactionId);
        Assert.Null(result.SequenceNumber);
        Assert.Equal(new CommandResult(EuiccCommand.Enable, 0), Assert.Single(result.Results));
        Assert.Equal([0x81u, 0x82u, 0x83u], result.Unreadable.Select(value => value.Tag));

        var error = Decode<EuiccPackageErrorSigned>(T("BF51", T("A1", T("30", Header, T("02", "")), T("5F37", Samples.Signature))));
        Assert.Null(error.Code);
        Assert.Equal(7, error.CounterValue);
    }

    [Fact]
    public void The_envelope_stays_strict()
    {
        foreach (var hex in new[]
        {
            T("BF51", T("A0", T("30", T("81", "07"), T("83", "05"), T("30")), T("5F37", Samples.Signature))),
            T("BF51", T("A0", T("30", T("80", "FF"), T("81", "07"), T("83", "05"), T("30")), T("5F37", Samples.Signature))),
            T("BF51", T("A0", T("30", Header, T("83", "05"), T("30")))),
            T("BF51", T("A0", T("30", Header, T("83", "05"), T("30")), T("5F37", ""))),
            T("BF51", T("A3", T("30", Header))),
        })
        {
            Assert.Throws<ProtocolException>(() => BerMessage.Decode<EuiccPackageResult>(Bytes(hex)));
        }
    }

    [Fact]
    public void A_notification_is_read_without_what_cannot_be_read()
    {
        var notification = Assert.IsType<OtherSignedNotification>(BerMessage.Decode<PendingNotification>(Bytes(T("30",
            T("BF2F", T("80", ""), T("81", "09FF"), T("0C", "E9"), T("5A", "98")),
            T("5F37", Samples.Signature), Samples.Certificate, Samples.OtherCertificate))));

        Assert.Equal(new NotificationMetadata(null, null, "\uFFFD", null), notification.Metadata with { Unreadable = [] });
        Assert.Equal([0x80u, 0x81u, 0x5Au], notification.Unreadable.Select(value => value.Tag));
    }

    [Theory]
    [InlineData("", "finalResult is missing")]
    [InlineData("A203A70100", "finalResult is neither a success nor a failure")]
    [InlineData("A200", "finalResult is neither a success nor a failure")]
    public void An_installation_result_may_end_in_something_unknown(string finalResult, string why)
    {
        var data = T("BF27", T("80", Fill("01", 17)), T("BF2F", T("80", "05"), T("81", "0780"), T("0C", Text("a.example")), Iccid), T("06", ""), finalResult);
        var result = Assert.IsType<ProfileInstallationResult>(
            BerMessage.Decode<PendingNotification>(Bytes(T("BF37", data, T("5F37", Samples.Signature)))));

        Assert.Equal(why, Assert.IsType<InstallationFinalResult.Unreadable>(result.FinalResult).Why);
        Assert.False(result.IsSuccess);
        Assert.Null(result.TransactionId);
        Assert.Null(result.SmdpOid);
        Assert.Equal("8901234567890123456", result.Metadata.Iccid.ToString());
        Assert.Equal(data, Convert.ToHexString(result.SignedData.Span));
    }

    [Fact]
    public void A_success_and_a_failure_count_whatever_stands_in_them()
    {
        static InstallationFinalResult Of(string arm) => ((ProfileInstallationResult)BerMessage.Decode<PendingNotification>(Bytes(
            T("BF37", T("BF27", T("80", "01"), T("BF2F"), T("06", "88"), T("A2", arm)), T("5F37", Samples.Signature))))).FinalResult;

        Assert.Equal(new InstallationFinalResult.Success(null, null), Of(T("A0", T("4F", Fill("A0", 17)))));
        Assert.Equal(new InstallationFinalResult.Failure(null, InstallationErrorReason.Interruption), Of(T("A1", T("80", ""), T("81", "0B"))));
    }

    [Fact]
    public void An_odd_field_of_a_data_response_leaves_out_that_field_alone()
    {
        var response = (IpaEuiccData)BerMessage.Decode<IpaEuiccDataResponse>(Bytes(T("BF52", T("A0",
            T("A0", "A30101", T("30", T("BF2F", T("80", "05")), T("5F37", Samples.Signature), Samples.Certificate, Samples.OtherCertificate)),
            T("81", "E9"), T("A2", T("BF51"), T("BF51", T("A2", T("80", Text("e"))))), T("83", Text("ds.example")), T("84", Fill("01", 9)),
            T("A6", "FF"), T("87", "AA"), T("A8")))));

        Assert.Equal("\uFFFD", response.DefaultSmdpAddress);
        Assert.Equal("ds.example", response.RootSmdsAddress);
        Assert.Equal(5, Assert.Single(response.Notifications!).Metadata!.SequenceNumber);
        Assert.Equal("e", Assert.Single(response.PackageResults!).EimId);
        Assert.Null(response.AssociationToken);
        Assert.Null(response.EuiccCertificate);
        Assert.Null(response.IpaCapabilities);
        Assert.Equal(TransactionId.FromBytes([0xAA]), response.TransactionId);
        Assert.Equal([0xA3u, 0xBF51u, 0x84u, 0xA6u, 0xA8u], response.Unreadable.Select(value => value.Tag));
    }

    [Fact]
    public void A_message_of_more_than_100_parts_is_refused_whole()
    {
        var result = T("BF51", T("A2", T("80", Text("e"))));
        IpaEuiccData Of(int count) => (IpaEuiccData)BerMessage.Decode<IpaEuiccDataResponse>(Bytes(T("BF52", T("A0", T("A2", Fill(result, count))))));

        Assert.Equal(100, Of(100).PackageResults!.Count);
        Assert.Throws<ProtocolException>(() => Of(101));
    }

    [Fact]
    public void Fields_of_later_versions_may_stand_anywhere_in_EUICCInfo2()
    {
        var info = BerMessage.Decode<EuiccInfo2>(Bytes(T("BF22",
            "DF6501AA", T("81", "020301"), "C00101", T("82", "0205"), T("83", "010000"), T("A9", T("04", Fill("11", 20)), "850101", T("04", "")),
            T("AA", "9F7000", T("04", Fill("22", 20))), T("88", "08FF"), T("0C", "E9"), T("B4", "A70101", T("A0", T("04", "010200"), T("04", "01")), "8300"))));

        Assert.Equal(new VersionNumber(2, 3, 1), info.ProfileVersion);
        Assert.Null(info.Svn);
        Assert.Equal(new VersionNumber(1, 0, 0), info.FirmwareVersion);
        Assert.Equal(Fill("11", 20), Convert.ToHexString(Assert.Single(info.CiKeyIdsForVerification).Span));
        Assert.Equal(Fill("22", 20), Convert.ToHexString(Assert.Single(info.CiKeyIdsForSigning).Span));
        Assert.Null(info.RspCapability);
        Assert.Equal("\uFFFD", info.SasAccreditationNumber);
        Assert.Equal(new VersionNumber(1, 2, 0), Assert.Single(info.IotSpecificInfo!.Versions));
        Assert.Equal([0x82u, 0x04u, 0x88u, 0x04u], info.Unreadable.Select(value => value.Tag));
    }

    [Fact]
    public void Metadata_and_context_parameters_are_read_without_what_cannot_be_read()
    {
        var metadata = BerMessage.Decode<StoreMetadataRequest>(Bytes(T("BF25", T("5A", "98"), T("91", "E9"), T("92", Fill("41", 300)), T("95", ""), T("B7", T("80", "01")))));
        Assert.Null(metadata.Iccid);
        Assert.Equal("\uFFFD", metadata.ServiceProviderName);
        Assert.Equal(300, metadata.ProfileName!.Length);
        Assert.Equal(ProfileClass.Operational, metadata.Class);
        Assert.Null(metadata.Owner);
        Assert.Equal([0x5Au, 0x95u, 0xB7u], metadata.Unreadable.Select(value => value.Tag));

        var parameters = BerMessage.Decode<CtxParams1>(Bytes(T("A0", T("80", "E9"), T("A1", T("80", "3529"), T("A1", T("85", "0E"), T("88", "0F0000")), T("82", "35")))));
        Assert.Equal("\uFFFD", parameters.MatchingId);
        Assert.Null(parameters.DeviceInfo!.Tac);
        Assert.Null(parameters.DeviceInfo.Imei);
        Assert.Null(parameters.DeviceInfo.Capabilities!.EutranEpcRelease);
        Assert.Equal(new VersionNumber(15, 0, 0), parameters.DeviceInfo.Capabilities.NrEpcRelease);
    }

    [Fact]
    public void Other_signed_structures_give_what_they_hold()
    {
        var signed1 = BerMessage.Decode<EuiccSigned1>(Bytes(T("30", T("80", ""), T("83", "E9"), T("84", "01"), "DF6500")));
        Assert.Equal((null, "\uFFFD", 0), (signed1.TransactionId, signed1.ServerAddress, signed1.ServerChallenge.Length));
        Assert.Null(signed1.ReadEuiccInfo2().ProfileVersion);
        Assert.Null(signed1.ReadCtxParams1().MatchingId);

        var signed2 = BerMessage.Decode<EuiccSigned2>(Bytes(T("30", T("80", "01"), T("5F49", ""), T("04", "01"))));
        Assert.Equal((TransactionId.FromBytes([1]), 0, null), (signed2.TransactionId, signed2.EuiccOtpk.Length, signed2.HashCc));

        var cancel = BerMessage.Decode<EuiccCancelSessionSigned>(Bytes(T("30", T("80", "01"), T("81", ""), T("82", ""))));
        Assert.Equal((TransactionId.FromBytes([1]), 0, null), (cancel.TransactionId, cancel.SmdpOid.Length, cancel.Reason));
    }
}
