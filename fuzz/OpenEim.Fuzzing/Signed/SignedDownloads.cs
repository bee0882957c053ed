using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using OpenEim.Fuzzing.Targets;
using OpenEim.Fuzzing.Targets.Listeners;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Fuzzing.Signed;

/// <summary>The same before a whole SM-DP+: what a card signed is never called malformed, whatever the SM-DP+ then decides.</summary>
internal static class SignedDownloads
{
    private const int MostFindings = 10;

    /// <summary>What EUICCInfo2 and the device's information may hold odd values in; the rest of euiccSigned1 proves who speaks to whom.</summary>
    private static readonly string[] Free = ["/30/BF22", "/30/A0/A1"];

    /// <summary>Runs for a number of messages, or a time.</summary>
    /// <returns>How many findings there were.</returns>
    public static async Task<int> RunAsync(SignedOptions options, TextWriter output)
    {
        var lab = await SmdpLab.StartAsync(profiles: 1).ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            using var http = new HttpClient { Timeout = HttpAnswers.Patience };
            using var card = new SignedCard(lab.Pki, Eid.Parse("89049032000000000000000000000001"));
            var findings = new HashSet<string>(StringComparer.Ordinal);
            var (begun, messages) = (Stopwatch.GetTimestamp(), 0L);
            while (messages < options.Messages && Stopwatch.GetElapsedTime(begun) < options.Time && findings.Count < MostFindings)
            {
                var random = new Random(unchecked((options.Seed * 486_187_739) + (int)messages++));
                try
                {
                    await OnceAsync(lab, http, card, random).ConfigureAwait(false);
                }
                catch (FindingException e)
                {
                    if (findings.Add(string.Concat(e.Message.Split(';')[0].Where(c => !char.IsAsciiHexDigitUpper(c)).Take(90))))
                    {
                        await output.WriteLineAsync($"FINDING: {e.Message}").ConfigureAwait(false);
                    }
                }
            }

            var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"SM-DP+: {messages} signed messages in {seconds:0} s, {messages / seconds:0}/s, {findings.Count} findings")).ConfigureAwait(false);
            return findings.Count;
        }
    }

    private static Task OnceAsync(SmdpLab lab, HttpClient http, SignedCard card, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return AuthenticateAsync(lab, http, card, random);
            case 1:
                var (notification, _, odd) = card.Notification(random);
                return SendAsync(lab, http, Function(0xBF3D, SignedCard.Tlv(0xA0, notification)), HttpStatusCode.NoContent, odd);
            case 2:
                var (installation, _, oddResult) = card.Installation(TransactionId.Random().ToBytes(), random);
                return SendAsync(lab, http, Function(0xBF3D, SignedCard.Tlv(0xA0, installation)), HttpStatusCode.NoContent, oddResult);
            default:
                return CancelAsync(lab, http, card, random);
        }
    }

    /// <summary>InitiateAuthentication, and AuthenticateClient with an odd value in what the card signed.</summary>
    private static async Task AuthenticateAsync(SmdpLab lab, HttpClient http, SignedCard card, Random random)
    {
        var ci = lab.Pki.Ci.Certificate.SubjectKeyIdentifier!.Value;
        var initiate = new InitiateAuthenticationRequest(
            RandomNumberGenerator.GetBytes(16), lab.Host.Address, new EuiccInfo1(new VersionNumber(2, 5, 0), [ci], [ci]).Encode());
        var answer = await SendAsync(lab, http, new RemoteProfileProvisioningRequest(initiate).Encode(), HttpStatusCode.OK, "").ConfigureAwait(false);
        var server = ((InitiateAuthenticationResponse)BerMessage.Decode<RemoteProfileProvisioningResponse>(answer).Function).Ok!;
        var signed1 = BerMessage.Decode<ServerSigned1>(server.ServerSigned1);
        var context = new CtxParams1("CODE", new DeviceInfo(new byte[] { 0x35, 0x29, 0x06, 0x11 }, new DeviceCapabilities())).Encode();
        var (signed, odd) = OddLeaf.Change(
            new EuiccSigned1(server.TransactionId, signed1.ServerAddress, signed1.ServerChallenge, Info2(ci), context).Encode(),
            path => Free.Any(part => path.StartsWith(part, StringComparison.Ordinal)),
            random);
        byte[] response = SignedCard.Tlv(0xBF38, SignedCard.Tlv(0xA0,
            [.. signed, .. SignedCard.Tlv(0x5F37, card.Identity.Key.Sign(signed)), .. card.Identity.Certificate.Encoded.Span, .. card.EumCertificate.Span]));
        await SendAsync(lab, http, Function(0xBF3B, [.. SignedCard.Tlv(0x80, server.TransactionId.ToBytes()), .. response]), HttpStatusCode.OK, odd).ConfigureAwait(false);
    }

    private static Task<byte[]> CancelAsync(SmdpLab lab, HttpClient http, SignedCard card, Random random)
    {
        var id = TransactionId.Random().ToBytes();
        byte[] data = SignedCard.Tlv(0x30, [.. SignedCard.Tlv(0x80, id), .. Convert.FromHexString("810388370A820101")]);
        (data, var odd) = OddLeaf.Change(data, path => path is "/30/81" or "/30/82", random);

        // The field's tag takes the place of BF41.
        byte[] response = SignedCard.Tlv(0xA1, SignedCard.Tlv(0xA0, [.. data, .. SignedCard.Tlv(0x5F37, card.Identity.Key.Sign(data))]));
        return SendAsync(lab, http, Function(0xBF41, [.. SignedCard.Tlv(0x80, id), .. response]), HttpStatusCode.OK, odd);
    }

    private static byte[] Info2(ReadOnlyMemory<byte> ci) => new EuiccInfo2
    {
        ProfileVersion = new VersionNumber(2, 3, 1),
        Svn = new VersionNumber(2, 5, 0),
        FirmwareVersion = new VersionNumber(1, 0, 0),
        ExtendedCardResource = Convert.FromHexString("81010082040008000083022000"),
        CiKeyIdsForVerification = [ci],
        CiKeyIdsForSigning = [ci],
        ProtectionProfileVersion = new VersionNumber(1, 0, 0),
        SasAccreditationNumber = "FUZZ",
    }.Encode();

    private static byte[] Function(uint tag, byte[] content) => SignedCard.Tlv(0xA2, SignedCard.Tlv(tag, content));

    private static async Task<byte[]> SendAsync(SmdpLab lab, HttpClient http, byte[] message, HttpStatusCode expected, string odd)
    {
        using var request = new HttpInput("POST", Es9PlusPaths.Asn1, ["X-Admin-Protocol: gsma/rsp/v2.5.0"], message).ToMessage(lab.Host.Es9PlusUrl, "application/x-gsma-rsp-asn1")!;
        var (status, body) = await HttpAnswers.SendAsync(http, request).ConfigureAwait(false);
        return status == expected
            ? body
            : throw new FindingException($"SM-DP+: {(int)status} {System.Text.Encoding.UTF8.GetString(body)}; sent was {odd}: {Convert.ToHexString(message)}");
    }
}
