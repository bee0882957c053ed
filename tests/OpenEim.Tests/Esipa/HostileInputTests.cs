using System.Net;
using System.Net.Http.Headers;
using CsCheck;
using OpenEim.Device.Ipa;
using OpenEim.Storage;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Esipa;

/// <summary>
/// Rubbish in every ESipa function, over HTTPS, in the name of a device that the eIM knows: a 4xx, never a 5xx, never a hang, and
/// afterwards the device's own poll works as ever.
/// </summary>
public abstract class HostileInputTests(DbEngine engine) : IAsyncLifetime
{
    private static readonly uint[] Functions = [0xBF39, 0xBF3A, 0xBF3B, 0xBF3D, 0xBF41, 0xBF4E, 0xBF4F, 0xBF50];

    // The loopback only: what is under test is not TLS. A request without an answer in this time counts as a hang.
    private readonly HttpClient _client = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };

    private Installation _eim = null!;
    private string _before = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Thousands of requests in one device's name: what is under test is what they say, not how many they are.
        _eim = await Installation.StartAsync(engine: engine, configure: options => options with { EsipaDeviceRate = 0, EsipaAddressRate = 0 });
        _before = await _eim.ProfilesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _eim.DisposeAsync();
    }

    [Fact]
    public async Task Every_sample_is_well_formed()
    {
        foreach (var (name, message) in EsipaSamples.All)
        {
            // This eIM pushes nothing, so it takes no answer to a push. No signature in the samples verifies, and nothing says whose BF37 is.
            var expected = name == "BF3D A0 BF37" ? HttpStatusCode.NoContent
                : name.StartsWith("BF4E", StringComparison.Ordinal) || name.StartsWith("BF3D", StringComparison.Ordinal) ? HttpStatusCode.BadRequest
                : HttpStatusCode.OK;
            Assert.Equal((name, expected), (name, await SendAsync(message)));
        }

        await AssertPollStillWorksAsync();
    }

    [Fact]
    public async Task Message_cut_at_any_byte_is_400()
    {
        await ForEachAsync(
            EsipaSamples.All.SelectMany(sample => Enumerable.Range(0, sample.Message.Length).Select(length => sample.Message[..length])),
            HttpStatusCode.BadRequest);
        await AssertPollStillWorksAsync();
    }

    [Fact]
    public async Task Byte_after_the_message_is_400()
    {
        await ForEachAsync(EsipaSamples.All.Select(sample => (byte[])[.. sample.Message, 0]), HttpStatusCode.BadRequest);
        await AssertPollStillWorksAsync();
    }

    [Fact]
    public async Task Length_that_reaches_beyond_its_message_or_has_no_end_is_400()
    {
        byte[][] lies = [[0x80], [0xFF], [0x82, 0xFF, 0xFF], [0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]];
        await ForEachAsync(
            EsipaSamples.All.SelectMany(sample => lies.Select(lie => (byte[])[.. sample.Message[..2], .. lie, .. sample.Message[3..]])),
            HttpStatusCode.BadRequest);
        await AssertPollStillWorksAsync();
    }

    [Fact]
    public async Task Length_that_lies_anywhere_inside_is_never_5xx()
    {
        byte[] lies = [0x00, 0x7F, 0x80, 0x84, 0xFF];
        await ForEachAsync(EsipaSamples.All.SelectMany(sample => LengthsIn(sample.Message, 0).SelectMany(at => lies.Select(lie =>
        {
            var lying = (byte[])sample.Message.Clone();
            lying[at] = lie;
            return lying;
        }))));
        await AssertPollStillWorksAsync();
    }

    [Fact]
    public async Task Any_single_byte_wrong_is_never_5xx()
    {
        byte[] masks = [0x01, 0x80, 0xFF];
        await ForEachAsync(EsipaSamples.All.SelectMany(sample => Enumerable.Range(0, sample.Message.Length).Select(at =>
        {
            var wrong = (byte[])sample.Message.Clone();
            wrong[at] ^= masks[at % masks.Length];
            return wrong;
        })));
        await AssertPollStillWorksAsync();
    }

    [Fact]
    public async Task Deep_nesting_is_400()
    {
        // Not A0, under which HandleNotification has a compact notification that nobody looks into.
        await ForEachAsync(
            Functions.SelectMany(function => new byte[] { 0x30, 0xA1, 0xA2 }.Select(tag => Tlv(function, Nested(tag, 60)))),
            HttpStatusCode.BadRequest);
        await AssertPollStillWorksAsync();
    }

    [Fact]
    public async Task More_than_256_KiB_is_413_in_every_function()
    {
        foreach (var function in Functions)
        {
            using var request = Request([(byte)(function >> 8), (byte)function, 0x84, 0, 4, 0x80, 0, .. new byte[0x48000]]);

            // The client waits to be told that it may send the body, as the server answers and closes without reading it.
            request.Headers.ExpectContinue = true;
            using var response = await _client.SendAsync(request, Ct);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }

        await AssertPollStillWorksAsync();
    }

    [Fact]
    public async Task Random_bytes_and_random_BER_in_every_function_are_never_5xx()
    {
        var random = new PCG(1, 20260101);
        var bytes = Gen.Byte.Array[0, 120].Array[40].Generate(random, null, out _);
        var ber = Ber(4).Array[0, 5].Select(list => list.SelectMany(tlv => tlv).ToArray()).Array[60].Generate(random, null, out _);
        await ForEachAsync(Functions.SelectMany(function => bytes.Concat(ber).Select(content => Tlv(function, content))));
        await AssertPollStillWorksAsync();
    }

    /// <summary>Where the lengths of all TLVs in a well-formed message begin.</summary>
    private static IEnumerable<int> LengthsIn(byte[] tlvs, int start)
    {
        for (var at = 0; at < tlvs.Length;)
        {
            var isConstructed = (tlvs[at] & 0x20) != 0;
            at += (tlvs[at] & 0x1F) == 0x1F ? 2 : 1;
            yield return start + at;
            var length = tlvs[at] switch { 0x82 => (tlvs[at + 1] << 8) + tlvs[at + 2], 0x81 => tlvs[at + 1], var one => one };
            at += tlvs[at] < 0x80 ? 1 : 1 + (tlvs[at] & 0x7F);
            foreach (var inner in isConstructed ? LengthsIn(tlvs[at..(at + length)], start + at) : [])
            {
                yield return inner;
            }

            at += length;
        }
    }

    /// <summary>Random TLVs with the tags that ESipa uses, nested up to a depth, with lengths that fit.</summary>
    private static Gen<byte[]> Ber(int depth)
    {
        var leaf = Gen.Select(
            Gen.OneOfConst<uint>(0x02, 0x04, 0x05, 0x0C, 0x5A, 0x5C, 0x80, 0x81, 0x82, 0x83, 0x84, 0x5F37), Gen.Byte.Array[0, 18], Tlv);
        return depth == 0
            ? leaf
            : Gen.Frequency(
                (2, leaf),
                (3, Gen.Select(
                    Gen.OneOfConst<uint>(0x30, 0xA0, 0xA1, 0xA2, 0xA5, 0xA6, 0xBF20, 0xBF21, 0xBF27, 0xBF2F, 0xBF37, 0xBF38, 0xBF50, 0xBF51, 0xBF52, 0xBF54),
                    Ber(depth - 1).Array[0, 4],
                    (tag, list) => Tlv(tag, [.. list.SelectMany(tlv => tlv)]))));
    }

    private static byte[] Nested(byte tag, int depth)
    {
        byte[] content = [];
        for (var i = 0; i < depth; i++)
        {
            content = Tlv(tag, content);
        }

        return content;
    }

    private static byte[] Tlv(uint tag, byte[] content)
    {
        byte[] length = content.Length < 0x80 ? [(byte)content.Length] : [0x82, (byte)(content.Length >> 8), (byte)content.Length];
        return tag > 0xFF ? [(byte)(tag >> 8), (byte)tag, .. length, .. content] : [(byte)tag, .. length, .. content];
    }

    /// <summary>Sends every body; each must be answered with the status expected, or without one with anything but a 5xx.</summary>
    private async Task ForEachAsync(IEnumerable<byte[]> bodies, HttpStatusCode? expected = null) => await Parallel.ForEachAsync(
        bodies,
        new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct },
        async (body, _) =>
        {
            var status = await SendAsync(body);
            Assert.True(
                expected is null ? status is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.BadRequest or HttpStatusCode.NotFound : status == expected,
                $"{(int)status} for {Convert.ToHexString(body)}");
        });

    private async Task<HttpStatusCode> SendAsync(byte[] body)
    {
        using var request = Request(body);
        using var response = await _client.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private HttpRequestMessage Request(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        return new HttpRequestMessage(HttpMethod.Post, new Uri(_eim.Host.EsipaUrl, "/gsma/rsp2/asn1")) { Content = content };
    }

    /// <summary>Nothing that was sent in the device's name has changed anything, and its next operation succeeds.</summary>
    private async Task AssertPollStillWorksAsync()
    {
        Assert.Equal(_before, await _eim.ProfilesAsync());
        var operation = await _eim.ScheduleAsync(3, Installation.Iccid(2));
        Assert.Equal(PollOutcome.Idle, (await _eim.Fleet.Devices[0].PollOnceAsync(Ct)).Outcome);
        Assert.Equal("Succeeded", await _eim.StatusAsync(operation));
        Assert.Equal("Installed, Enabled, Installed", await _eim.ProfilesAsync());
    }
}

public sealed class HostileInputTestsOnSqlite() : HostileInputTests(DbEngine.Sqlite);

public sealed class HostileInputTestsOnPostgres() : HostileInputTests(DbEngine.Postgres);
