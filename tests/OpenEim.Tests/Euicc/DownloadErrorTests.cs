using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>What a card refuses in a download: SM-DP+s that it does not believe, and packages that it does not install (SGP.22 5.5, 5.7.5, 5.7.6, 5.7.13).</summary>
public sealed class DownloadErrorTests
{
    private const BppCommandId Initialise = BppCommandId.InitialiseSecureChannel;
    private const BppCommandId Configure = BppCommandId.ConfigureIsdp;
    private const BppCommandId Metadata = BppCommandId.StoreMetadata;
    private const BppCommandId Load = BppCommandId.LoadProfileElements;

    /// <summary>What is wrong with the SM-DP+, and the AuthenticateErrorCode.</summary>
    public static TheoryData<string, AuthenticateErrorCode> BadServers => new()
    {
        { "foreign CI", AuthenticateErrorCode.CiPkUnknown },
        { "foreign CI named for signing", AuthenticateErrorCode.CiPkUnknown },
        { "DPpb instead of DPauth", AuthenticateErrorCode.InvalidCertificate },
        { "forged", AuthenticateErrorCode.InvalidCertificate },
        { "no OID", AuthenticateErrorCode.InvalidOid },
        { "signature", AuthenticateErrorCode.InvalidSignature },
        { "another's challenge", AuthenticateErrorCode.EuiccChallengeMismatch },
    };

    [Theory]
    [MemberData(nameof(BadServers))]
    public void An_smdp_that_cannot_be_believed_is_refused_and_its_session_ends(string what, AuthenticateErrorCode code)
    {
        var bench = Make();
        using var foreign = ForeignPki();
        using var smdp = new TestSmdp(bench.Pki);
        var download = new CardDownload(bench, smdp);
        SpoilServer(what, bench, foreign, smdp, download);

        var refusal = download.Authenticate().Error!;

        Assert.Equal(new AuthenticateResponseError(download.Transaction, code), refusal);
        var cancel = new CancelSessionRequest(download.Transaction, CancelSessionReason.UndefinedReason).Encode();
        Assert.Equal("BF4103810105", Convert.ToHexString(bench.Terminal.Es10(cancel)));
    }

    [Fact]
    public void Without_a_challenge_of_its_own_the_card_authenticates_nobody_and_a_challenge_is_good_once()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        var download = new CardDownload(bench, smdp);
        Assert.Equal(AuthenticateErrorCode.NoSessionContext, download.Authenticate(smdp.InitiateAuthentication(new byte[16])).Error!.Code);

        Assert.NotNull(download.Authenticate().Ok);
        Assert.Equal(AuthenticateErrorCode.NoSessionContext, download.Authenticate(smdp.InitiateAuthentication(new byte[16])).Error!.Code);
    }

    [Fact]
    public void A_ci_identifier_that_an_eim_cut_short_is_understood()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        Assert.NotNull(new CardDownload(bench, smdp)
        {
            ChangeAuthenticate = request => request with { CiKeyId = request.CiKeyId[..5] },
        }.Authenticate().Ok);
    }

    [Theory]
    [InlineData("foreign CI", DownloadErrorCode.InvalidCertificate)]
    [InlineData("DPauth instead of DPpb", DownloadErrorCode.InvalidCertificate)]
    [InlineData("another OID", DownloadErrorCode.InvalidCertificate)]
    [InlineData("signature", DownloadErrorCode.InvalidSignature)]
    [InlineData("signed without the card's signature", DownloadErrorCode.InvalidSignature)]
    [InlineData("another transaction", DownloadErrorCode.InvalidTransactionId)]
    [InlineData("confirmation code missing", DownloadErrorCode.UndefinedError)]
    public void A_download_that_cannot_be_believed_is_not_prepared(string what, DownloadErrorCode code)
    {
        var bench = Make();
        using var foreign = ForeignPki();
        using var smdp = new TestSmdp(bench.Pki);
        var download = new CardDownload(bench, smdp);
        switch (what)
        {
            case "foreign CI":
                smdp.Pb = foreign.IssueDpPb();
                break;
            case "DPauth instead of DPpb":
                smdp.Pb = smdp.Auth;
                break;
            case "another OID":
                smdp.Pb = bench.Pki.IssueDpPb("2.999.11");
                break;
            case "another transaction":
                smdp.ChangeSmdpSigned2 = signed => signed with { TransactionId = CardBench.Transaction };
                break;
            case "confirmation code missing":
                smdp.ConfirmationCodeRequired = true;
                break;
            case "signature":
                download.ChangePrepare = request => request with { Signature = Spoilt(request.Signature.ToArray(), 63) };
                break;
            default:
                download.ChangePrepare = request => request with { Signature = smdp.Pb.Key.Sign(request.SignedData.Span) };
                break;
        }

        Assert.Equal(code, download.Prepare().Error!.Code);
        Assert.Equal("6985", bench.Terminal.Store([0xBF, 0x36, 0x02, 0xBF, 0x23]));
    }

    [Fact]
    public void A_download_is_not_prepared_before_the_smdp_is_authenticated()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        var download = new CardDownload(bench, smdp);
        var authenticated = download.Authenticate();
        var client = smdp.AuthenticateClient(download.Transaction, authenticated.Encode());
        bench.Terminal.Open();
        Assert.Equal(DownloadErrorCode.NoSessionContext, download.Prepare(client).Error!.Code);
    }

    [Fact]
    public void The_hashed_confirmation_code_is_signed_when_it_is_required()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki) { ConfirmationCodeRequired = true };
        var hash = Enumerable.Repeat((byte)7, 32).ToArray();
        var download = new CardDownload(bench, smdp) { ChangePrepare = request => request with { HashCc = hash } };
        Assert.Equal(hash, download.Prepare().Ok!.ReadSigned().HashCc!.Value.ToArray());
    }

    /// <summary>What is wrong with the package, and how the card names it.</summary>
    public static TheoryData<string, BppCommandId, InstallationErrorReason> BadPackages => new()
    {
        { "smdpSign", Initialise, InstallationErrorReason.InvalidSignature },
        { "transaction", Initialise, InstallationErrorReason.InvalidTransactionId },
        { "remote operation", Initialise, InstallationErrorReason.UnsupportedRemoteOperationType },
        { "key type", Initialise, InstallationErrorReason.UnsupportedCrtValues },
        { "key length", Initialise, InstallationErrorReason.UnsupportedCrtValues },
        { "one-time key", Initialise, InstallationErrorReason.IncorrectInputValues },
        { "BF23", Initialise, InstallationErrorReason.IncorrectInputValues },
        { "ConfigureISDP", Configure, InstallationErrorReason.IncorrectInputValues },
        { "ConfigureISDP OID", Configure, InstallationErrorReason.IncorrectInputValues },
        { "StoreMetadata", Metadata, InstallationErrorReason.IncorrectInputValues },
        { "StoreMetadata too long", Metadata, InstallationErrorReason.IncorrectInputValues },
        { "class", Metadata, InstallationErrorReason.UnsupportedProfileClass },
        { "ICCID exists", Metadata, InstallationErrorReason.IccidAlreadyExists },
        { "policy rule", Metadata, InstallationErrorReason.PprNotAllowed },
        { "ReplaceSessionKeys", BppCommandId.ReplaceSessionKeys, InstallationErrorReason.IncorrectInputValues },
        { "profile elements", Load, InstallationErrorReason.PeProcessingError },
        { "ICCID", Load, InstallationErrorReason.DataMismatch },
        { "test key", Load, InstallationErrorReason.TestProfileInvalidNaaKey },
        { "parts in the wrong order", Configure, InstallationErrorReason.Scp03tStructureError },
        { "length of the part", Load, InstallationErrorReason.Scp03tStructureError },
    };

    [Theory]
    [MemberData(nameof(BadPackages))]
    public void A_package_that_is_not_right_is_refused_with_a_signed_result_and_leaves_nothing(
        string what, BppCommandId command, InstallationErrorReason reason)
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        var download = new CardDownload(bench, smdp);
        var change = SpoilPackage(what, smdp);

        var result = download.Load(change(download.Segments()))!;

        Assert.Equal(new InstallationFinalResult.Failure(command, reason), result.FinalResult);
        Assert.Equal((1L, NotificationEvents.Install, TestSmdp.Address), (result.Metadata.SequenceNumber, result.Metadata.Event, result.Metadata.Address));
        Assert.Equal(command == Load ? smdp.Metadata.Iccid : result.Metadata.Iccid, result.Metadata.Iccid);
        Assert.Equal(3, bench.State.Profiles.Count);
        Assert.Equal(result.Encoded.ToArray(), Assert.Single(bench.Retrieve(new Protocol.Sgp32.RetrieveNotificationsListRequest()).Notifications!).Encoded.ToArray());
        Assert.Equal("6985", bench.Terminal.Store([0x86, 0x01, 0x00]));
    }

    [Fact]
    public void A_test_profile_with_a_key_that_anybody_may_know_is_installed()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        smdp.Metadata = smdp.Metadata with { Class = ProfileClass.Test };
        smdp.Package = TestSmdp.MakePackage(TestSmdp.Iccid, key: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        Assert.IsType<InstallationFinalResult.Success>(new CardDownload(bench, smdp).Run().FinalResult);
    }

    [Fact]
    public void A_replacement_of_the_keys_that_was_tampered_with_is_refused()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki) { ReplacesKeys = true };
        var download = new CardDownload(bench, smdp);
        var segments = download.Segments();
        var replacement = segments.FindIndex(segment => segment[0] == 0xA2);
        segments[replacement][^1] ^= 1;
        Assert.Equal(
            new InstallationFinalResult.Failure(BppCommandId.ReplaceSessionKeys, InstallationErrorReason.Scp03tSecurityError),
            download.Load(segments)!.FinalResult);
    }

    [Fact]
    public void A_segment_tampered_with_at_any_place_is_refused_before_it_is_used()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki) { ReplacesKeys = true };
        var count = new CardDownload(bench, smdp).Segments().Count;
        var tampered = 0;
        for (var n = 1; n < count; n++)
        {
            var download = new CardDownload(bench, smdp);
            var segments = download.Segments();
            if (segments[n].Length <= 4)
            {
                // The header of a part alone: there is nothing to tamper with but its length.
                continue;
            }

            segments[n][segments[n].Length / 2] ^= 0x01;
            var failure = Assert.IsType<InstallationFinalResult.Failure>(download.Load(segments)!.FinalResult);
            var expected = segments[n][0] switch
            {
                0xA0 => Configure,
                0x88 => Metadata,
                0xA2 => BppCommandId.ReplaceSessionKeys,
                _ => Load,
            };
            Assert.Equal((expected, InstallationErrorReason.Scp03tSecurityError), (failure.CommandId, failure.Reason));
            Assert.Equal(3, bench.State.Profiles.Count);
            tampered++;
        }

        Assert.InRange(tampered, 4, count);
        Assert.IsType<InstallationFinalResult.Success>(new CardDownload(bench, smdp).Run().FinalResult);
    }

    [Fact]
    public void A_segment_left_out_repeated_or_exchanged_is_refused()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        foreach (var (change, reason) in new (Action<List<byte[]>>, InstallationErrorReason)[]
        {
            (segments => segments.RemoveAt(segments.Count - 2), InstallationErrorReason.Scp03tSecurityError),
            (segments => (segments[^1], segments[^2]) = (segments[^2], segments[^1]), InstallationErrorReason.Scp03tSecurityError),

            // What is repeated no longer fits into the announced length.
            (segments => segments.Insert(segments.Count - 1, segments[^2]), InstallationErrorReason.Scp03tStructureError),
        })
        {
            var download = new CardDownload(bench, smdp);
            var segments = download.Segments();
            Assert.Equal([0x86, 0x86], segments[^2..].Select(segment => segment[0]));
            change(segments);
            Assert.Equal(new InstallationFinalResult.Failure(Load, reason), download.Load(segments)!.FinalResult);
        }
    }

    [Fact]
    public void A_package_that_does_not_fit_is_refused_and_one_that_just_fits_is_not()
    {
        using var size = new TestSmdp(Make().Pki);
        foreach (var (memory, fits) in new[] { (size.Package.Length - 1, false), (size.Package.Length, true) })
        {
            var bench = Make(change: spec => spec with { MemorySize = memory });
            using var smdp = new TestSmdp(bench.Pki);
            var result = new CardDownload(bench, smdp).Run();
            Assert.Equal(fits, result.IsSuccess);
            Assert.Equal(fits ? 0 : memory, bench.State.FreeMemory);
            if (!fits)
            {
                Assert.Equal(new InstallationFinalResult.Failure(Load, InstallationErrorReason.InsufficientMemory), result.FinalResult);
            }
        }
    }

    [Fact]
    public void A_new_session_in_the_middle_of_the_segments_is_an_interruption_that_is_reported()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        var download = new CardDownload(bench, smdp);
        Assert.Null(download.Load(download.Segments()[..^1]));

        Assert.StartsWith("BF3E", bench.Terminal.Es10("BF3E035C015A"), StringComparison.Ordinal);
        Assert.Equal(0, bench.State.PendingNotifications);
        bench.Terminal.Es10("BF2E00");

        var result = Assert.IsType<ProfileInstallationResult>(Assert.Single(bench.Retrieve(new Protocol.Sgp32.RetrieveNotificationsListRequest()).Notifications!));
        Assert.Equal(new InstallationFinalResult.Failure(Load, InstallationErrorReason.Interruption), result.FinalResult);
        Assert.Equal((download.Transaction, TestSmdp.Iccid), (result.TransactionId, result.Metadata.Iccid!.Value));
    }

    [Fact]
    public void Rubbish_between_the_segments_is_a_signed_refusal_and_never_more()
    {
        var random = new Random(32);
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        for (var round = 0; round < 200; round++)
        {
            var download = new CardDownload(bench, smdp);
            var segments = download.Segments();
            var n = random.Next(segments.Count);
            segments[n] = random.Next(3) switch
            {
                0 => segments[n][..random.Next(2, segments[n].Length + 1)],
                1 => Spoilt(segments[n], random.Next(segments[n].Length)),
                _ => [segments[n][0], segments[n][1], .. RandomBytes(random, random.Next(0, 300))],
            };
            foreach (var segment in segments)
            {
                if (bench.Terminal.Store(segment) is not "9000")
                {
                    break;
                }
            }
        }

        Assert.InRange(bench.State.Profiles.Count, 3, 4);
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void SpoilServer(string what, CardBench bench, TestPki foreign, TestSmdp smdp, CardDownload download)
    {
        switch (what)
        {
            case "foreign CI":
                smdp.Auth = foreign.IssueDpAuth();
                break;
            case "foreign CI named for signing":
                download.ChangeAuthenticate = request => request with { CiKeyId = foreign.Ci.Certificate.SubjectKeyIdentifier!.Value };
                break;
            case "DPpb instead of DPauth":
                smdp.Auth = smdp.Pb;
                break;
            case "forged":
                download.ChangeAuthenticate = request => request with { ServerCertificate = Spoilt(request.ServerCertificate.ToArray(), request.ServerCertificate.Length - 1) };
                break;
            case "no OID":
                smdp.Auth = bench.Pki.IssueDpAuth(change: template => template with { RegisteredId = null });
                break;
            case "signature":
                smdp.ChangeSignature = signature => Spoilt(signature, 0);
                break;
            default:
                smdp.ChangeServerSigned1 = signed => signed with { EuiccChallenge = new byte[16] };
                break;
        }
    }

    private static Func<List<byte[]>, IEnumerable<byte[]>> SpoilPackage(string what, TestSmdp smdp)
    {
        switch (what)
        {
            case "smdpSign":
                return segments => [Spoilt(segments[0], segments[0].Length - 1), .. segments[1..]];
            case "transaction":
                smdp.ChangeInitialise = signed => Spoilt(signed, 6);
                break;
            case "remote operation":
                smdp.ChangeInitialise = signed => Spoilt(signed, 2);
                break;
            case "key type":
                smdp.ChangeInitialise = signed => Spoilt(signed, signed.AsSpan().IndexOf<byte>([0x80, 0x01, 0x88]) + 2);
                break;
            case "key length":
                smdp.ChangeInitialise = signed => Spoilt(signed, signed.AsSpan().IndexOf<byte>([0x81, 0x01, 0x10]) + 2);
                break;
            case "one-time key":
                smdp.ChangeInitialise = signed => Spoilt(signed, signed.Length - 1);
                break;
            case "BF23":
                return segments => [segments[0][..^20], .. segments[1..]];
            case "ConfigureISDP":
                smdp.ConfigureIsdp = [0xBF, 0x25, 0x00];
                break;
            case "ConfigureISDP OID":
                smdp.ConfigureIsdp = new ConfigureIsdpRequest(Convert.FromHexString("800388370B")).Encode();
                break;
            case "StoreMetadata":
                smdp.StoreMetadata = [0xBF, 0x25, 0x02, 0x5A, 0x00];
                break;
            case "StoreMetadata too long":
                smdp.StoreMetadata = new byte[5000];
                break;
            case "class":
                smdp.Metadata = smdp.Metadata with { Class = (ProfileClass)9 };
                break;
            case "ICCID exists":
                smdp.Metadata = smdp.Metadata with { Iccid = B };
                break;
            case "policy rule":
                smdp.Metadata = smdp.Metadata with { PolicyRules = ProfilePolicyRules.DeletionNotAllowed };
                break;
            case "ReplaceSessionKeys":
                smdp.Replacement = [0xBF, 0x26, 0x03, 0x80, 0x01, 0x00];
                break;
            case "profile elements":
                smdp.Package = smdp.Package[..^10];
                break;
            case "ICCID":
                smdp.Metadata = smdp.Metadata with { Iccid = Iccid.Parse("8988280000000000201") };
                break;
            case "test key":
                smdp.Metadata = smdp.Metadata with { Class = ProfileClass.Test };
                break;
            case "parts in the wrong order":
                return segments => [segments[0], .. segments[2..]];
            default:
                return segments =>
                {
                    // The announced length of A3 is one byte too short for its segments.
                    segments.Single(segment => segment[0] == 0xA3)[^1]--;
                    return segments;
                };
        }

        return segments => segments;
    }

    private static TestPki ForeignPki()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return new TestPki(EcCurve.P256, start, start.AddYears(10));
    }

    private static byte[] Spoilt(byte[] bytes, int at)
    {
        byte[] copy = [.. bytes];
        copy[at] ^= 0x02;
        return copy;
    }
}
