using System.Net;
using System.Text.Json.Nodes;
using OpenEim.Fuzzing.Targets;
using OpenEim.Fuzzing.Targets.Listeners;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Fuzzing.Signed;

/// <summary>A device whose card signs odd values. The eIM must store and acknowledge them, and go on to the next package.</summary>
internal sealed class SignedDevice(EimLab lab, HttpClient http, SignedCard card, long id) : IDisposable
{
    private const int MostPackages = 40;
    private const int MostRepetitions = 2;

    /// <summary>What an IPA tells of itself and its card: addresses, EUICCInfo1 and 2, capabilities, the device.</summary>
    private static readonly byte[] Told =
    [
        .. SignedCard.Tlv(0x81, "smdp.example.com"u8.ToArray()), .. Convert.FromHexString("BF200D8203020500A9020400AA020400"),
        .. SignedCard.Tlv(0xBF22,
        [
            .. Convert.FromHexString("8103020301820302050083030100008403810101850204008602008088020640"), .. SignedCard.Tlv(0xA9, Convert.FromHexString("04020102")),
            .. SignedCard.Tlv(0xAA, Convert.FromHexString("04020102")), .. Convert.FromHexString("0403010000"), .. SignedCard.Tlv(0x0C, "SAS"u8.ToArray()),
            .. SignedCard.Tlv(0xB4, Convert.FromHexString("8000")),
        ]),
        .. SignedCard.Tlv(0x83, "smds.example.com"u8.ToArray()), .. SignedCard.Tlv(0x84, [0]),
        .. SignedCard.Tlv(0xA8, Convert.FromHexString("80020660810204F0")), .. SignedCard.Tlv(0xA9, Convert.FromHexString("800435290611A1058003030000")),
    ];

    private byte[] _last = [];
    private int _repetitions;
    private string _sent = "";

    /// <summary>How many signed messages it has sent.</summary>
    public long Messages { get; private set; }

    /// <summary>Schedules operations, executes what the eIM gives, and looks at the REST API.</summary>
    /// <exception cref="FindingException">An invariant is broken.</exception>
    public async Task RunOnceAsync(Random random)
    {
        await ScheduleAsync(random).ConfigureAwait(false);
        for (var i = 0; i < MostPackages; i++)
        {
            if (await PollAsync().ConfigureAwait(false) is not { } package)
            {
                break;
            }

            Count(package);
            await AnswerAsync(package, random).ConfigureAwait(false);
        }

        if (random.Next(3) == 0)
        {
            var (message, _, odd) = random.Next(2) == 0 ? card.Notification(random) : card.Installation([1, 2, 3], random);
            _sent = $"BF3D with {odd}";
            await SendAsync(SignedCard.Tlv(0xBF3D, SignedCard.Tlv(0xA0, message)), HttpStatusCode.NoContent).ConfigureAwait(false);
        }

        await ReadAsync($"/api/v1/euicc/{id}").ConfigureAwait(false);
        await ReadAsync($"/api/v1/euicc/{id}/operation?sort=-creation_date").ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => card.Dispose();

    private async Task ScheduleAsync(Random random)
    {
        var operations = new JsonArray();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var action = random.GetItems([1, 3, 4, 5, 6, 7], 1)[0];
            var operation = new JsonObject { ["action"] = new JsonObject { ["id"] = action } };
            if (action is 3 or 4 or 5 or 6)
            {
                operation["iccid_with_luhn"] = "8949000000000000001";
            }

            operations.Add(operation);
        }

        using var response = await lab.Administrator.PostAsJsonAsync(new Uri(lab.Host.ApiUrl, $"/api/v1/euicc/{id}/operation"), operations).ConfigureAwait(false);

        // What contradicts an operation that waits is a conflict, and no finding.
        if ((int)response.StatusCode is not (201 or 409))
        {
            throw new FindingException($"scheduling {operations.ToJsonString()} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync().ConfigureAwait(false)}");
        }
    }

    private async Task<byte[]?> PollAsync()
    {
        var answer = await SendAsync(new GetEimPackageRequest(card.Eid).Encode(), HttpStatusCode.OK).ConfigureAwait(false);
        return BerMessage.Decode<GetEimPackageResponse>(answer).Package?.ToArray();
    }

    /// <summary>A package whose answer was taken must not come for ever.</summary>
    private void Count(byte[] package)
    {
        _repetitions = package.AsSpan().SequenceEqual(_last) ? _repetitions + 1 : 0;
        _last = package;
        if (_repetitions > MostRepetitions)
        {
            throw new FindingException($"the same package came {_repetitions + 1} times: {Convert.ToHexString(package)}; sent was {_sent}");
        }
    }

    private async Task AnswerAsync(byte[] package, Random random)
    {
        var numbers = new List<long>();
        var content = package[1] switch
        {
            0x51 => Result(package, numbers, random),
            0x52 => Data(package, numbers, random),
            _ => throw new FindingException($"an unexpected package: {Convert.ToHexString(package)}"),
        };
        var answer = await SendAsync(SignedCard.Tlv(0xBF50, [0x5A, 0x10, .. card.Eid.ToBytes(), .. content]), HttpStatusCode.OK).ConfigureAwait(false);
        Messages += Math.Max(1, numbers.Count);
        var response = BerMessage.Decode<ProvideEimPackageResultResponse>(answer);
        var missing = numbers.Except(response.Acknowledgements?.SequenceNumbers ?? []).ToList();
        if (missing.Count > 0)
        {
            throw new FindingException($"not acknowledged: {string.Join(", ", missing)} of {string.Join(", ", numbers)}; sent was {_sent}: {Convert.ToHexString(content)}");
        }
    }

    private byte[] Result(byte[] package, List<long> numbers, Random random)
    {
        var signed = BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned();
        if (random.Next(8) == 0)
        {
            (var error, _sent) = card.PackageError(signed, random);
            return error;
        }

        var (result, sequence, odd) = card.PackageResult(signed, random);
        numbers.Add(sequence);
        _sent = $"BF51 with {odd}";
        if (random.Next(2) == 0)
        {
            return result;
        }

        return SignedCard.Tlv(0x30, [.. result, .. SignedCard.Tlv(0xA0, Notifications(numbers, random))]);
    }

    private byte[] Notifications(List<long> numbers, Random random)
    {
        var list = new List<byte>();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var (message, sequence, odd) = random.Next(2) == 0 ? card.Notification(random) : card.Installation([1, 2, 3], random);
            list.AddRange(message);
            numbers.Add(sequence);
            _sent += $", a notification with {odd}";
        }

        return [.. list];
    }

    /// <summary>BF52 with what was asked for, and one odd leaf outside certificates and signed parts.</summary>
    private byte[] Data(byte[] package, List<long> numbers, Random random)
    {
        var request = BerMessage.Decode<IpaEuiccDataRequest>(package);
        var tags = IpaEuiccDataTag.Parse(request.TagList.Span);
        _sent = "BF52";
        byte[] head = tags.Contains(IpaEuiccDataTag.Notifications) ? SignedCard.Tlv(0xA0, Notifications(numbers, random)) : [];
        byte[] certificates =
        [
            .. tags.Contains(IpaEuiccDataTag.EumCertificate) ? SignedCard.Tlv(0xA5, Inner(card.EumCertificate)) : [],
            .. tags.Contains(IpaEuiccDataTag.EuiccCertificate) ? SignedCard.Tlv(0xA6, Inner(card.Identity.Certificate.Encoded)) : [],
        ];
        var (told, odd) = OddLeaf.Change(Told, _ => true, random);
        _sent += $" with {odd}";
        byte[] transaction = request.TransactionId is { } id ? SignedCard.Tlv(0x87, id.ToBytes()) : [];
        return SignedCard.Tlv(0xBF52, SignedCard.Tlv(0xA0, [.. head, .. told, .. certificates, .. transaction]));
    }

    /// <summary>The content of a certificate's SEQUENCE, which the fields A5 and A6 hold.</summary>
    private static byte[] Inner(ReadOnlyMemory<byte> certificate) => new BerReader(certificate).ReadValue(0x30).ToArray();

    private async Task<byte[]> SendAsync(byte[] message, HttpStatusCode expected)
    {
        using var request = lab.EsipaRequest(message);
        var (status, body) = await HttpAnswers.SendAsync(http, request).ConfigureAwait(false);
        return status == expected
            ? body
            : throw new FindingException($"{(int)status} {System.Text.Encoding.UTF8.GetString(body)}; sent was {_sent}: {Convert.ToHexString(message)}");
    }

    private async Task ReadAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(lab.Host.ApiUrl, path));
        request.Headers.Authorization = lab.Administrator.DefaultRequestHeaders.Authorization;
        var (status, body) = await HttpAnswers.SendAsync(lab.Administrator, request).ConfigureAwait(false);
        if (status != HttpStatusCode.OK)
        {
            throw new FindingException($"{path} answered {(int)status} {System.Text.Encoding.UTF8.GetString(body)}");
        }
    }
}
