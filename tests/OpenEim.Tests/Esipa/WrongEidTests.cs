using System.Net;
using System.Net.Http.Headers;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Esipa;

/// <summary>EIDs that are missing, wrong or not registered, in every function that tells one.</summary>
public sealed class WrongEidTests : IAsyncLifetime
{
    private static readonly Eid Elsewhere = Eid.Parse("89049032000000000000000000000099");

    // The loopback only: what is under test is not TLS.
    private readonly HttpClient _client = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });

    private Installation _eim = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _eim = await Installation.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _eim.DisposeAsync();
    }

    [Theory]
    [InlineData("BF4F00", "BF4F03020104")]
    [InlineData("BF4F03810100", "BF4F03020104")]
    [InlineData("BF4F025A00", "BF4F03020103")]
    [InlineData("BF4F115A0F890490320000000000000000000000", "BF4F03020103")]
    [InlineData("BF4F135A118904903200000000000000000000000100", "BF4F03020103")]
    [InlineData("BF4F125A10890490320000000000000000000000FA", "BF4F03020103")]
    [InlineData("BF4F125A108904903200000000000000000000000A", "BF4F03020103")]
    [InlineData("BF4F125A1089049032000000000000000000000099", "BF4F03020102")]
    [InlineData("BF50165A0F890490320000000000000000000000A003020101", "BF5003020103")]
    [InlineData("BF50175A1089049032000000000000000000000099A003020101", "BF5003020102")]
    public async Task Missing_wrong_and_unknown_EIDs_are_told_as_the_standard_has_it(string request, string expected) =>
        Assert.Equal((HttpStatusCode.OK, expected), await SendAsync(Convert.FromHexString(request)));

    [Theory]
    [InlineData("BF4F")] // cut short
    [InlineData("BF4F02")]
    [InlineData("BF4F0000")] // a byte behind it
    [InlineData("BF4F033001FF")] // a field that the function does not have in the EID's place
    [InlineData("BF4F155A108904903200000000000000000000000181")]
    [InlineData("BF50175A0F890490320000000000000000000000A003020101")]
    public async Task Malformed_message_stays_400(string request) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(Convert.FromHexString(request))).Status);

    [Fact]
    public async Task Notification_of_an_unregistered_eUICC_is_not_taken_from_its_card()
    {
        using var pki = new TestPki(EcCurve.P256, _eim.Clock.GetUtcNow().AddDays(-1), _eim.Clock.GetUtcNow().AddYears(1));
        using var euicc = pki.IssueEuicc(Elsewhere);
        var notification = OtherSignedNotification.Create(
            new NotificationMetadata(3, NotificationEvents.Enable, "smdp.example.com", Iccid.Parse("8949000000000000001")).Encode(),
            new byte[64],
            euicc.Certificate.Encoded,
            pki.Eum.Certificate.Encoded);
        var error = new EimPackageResult(Error: new EimPackageResultError(null, EimPackageResultErrorCode.UnknownPackage));

        Assert.Equal((HttpStatusCode.NotFound, ""), await SendAsync(new HandleNotification(notification).Encode()));
        Assert.Equal((HttpStatusCode.NotFound, ""), await SendAsync(new HandleNotification(null, new ProvideEimPackageResult(Elsewhere, error)).Encode()));
        Assert.Equal(
            (HttpStatusCode.NoContent, ""),
            await SendAsync(new HandleNotification(null, new ProvideEimPackageResult(_eim.Fleet.Devices[0].Eid, error)).Encode()));
    }

    [Fact]
    public async Task Notification_that_does_not_verify_is_400_and_stays_on_the_card()
    {
        var eid = _eim.Fleet.Devices[0].Eid;
        using var pki = new TestPki(EcCurve.P256, _eim.Clock.GetUtcNow().AddDays(-1), _eim.Clock.GetUtcNow().AddYears(1));
        using var euicc = pki.IssueEuicc(eid);
        var notification = OtherSignedNotification.Create(
            new NotificationMetadata(3, NotificationEvents.Enable, "smdp.example.com", Iccid.Parse("8949000000000000001")).Encode(),
            new byte[64],
            euicc.Certificate.Encoded,
            pki.Eum.Certificate.Encoded);
        var result = BerMessage.Decode<EuiccPackageResult>(EuiccPackageResultSigned.Encode(
            EuiccPackageResultSigned.EncodeData("openeim", 1, null, 4, [new CommandResult(EuiccCommand.Enable, 0)]), new byte[64]));

        Assert.Equal((HttpStatusCode.BadRequest, ""), await SendAsync(new HandleNotification(notification).Encode()));
        Assert.Equal(
            (HttpStatusCode.BadRequest, ""),
            await SendAsync(new HandleNotification(null, new ProvideEimPackageResult(eid, new EimPackageResult(result))).Encode()));
        Assert.Equal(
            (HttpStatusCode.OK, "BF500302017F"), await SendAsync(new ProvideEimPackageResult(eid, new EimPackageResult(result)).Encode()));
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        using var response = await _client.PostAsync(new Uri(_eim.Host.EsipaUrl, "/gsma/rsp2/asn1"), content, Ct);
        return (response.StatusCode, response.StatusCode == HttpStatusCode.OK ? Convert.ToHexString(await response.Content.ReadAsByteArrayAsync(Ct)) : "");
    }
}
