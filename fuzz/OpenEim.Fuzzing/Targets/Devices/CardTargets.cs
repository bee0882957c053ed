using OpenEim.Device.Euicc;
using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Transports;
using OpenEim.Fuzzing.Mutation;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Fuzzing.Targets.Devices;

/// <summary>Something is sent to a new card; afterwards the card still answers, and its memory still holds a card.</summary>
internal abstract class CardTarget(string name, InputKind kind, string description) : FuzzTarget(name, kind, description)
{
    /// <inheritdoc/>
    public override int Weight => 4;

    /// <inheritdoc/>
    public override Task<bool> RunAsync(byte[] input)
    {
        var memory = CardLab.NewMemory();
        using var card = VirtualEuicc.Load(memory);
        card.Reset();
        var accepted = Send(card, input);
        CheckAlive(card);
        using var again = VirtualEuicc.Load(memory);
        again.Reset();
        CheckAlive(again);
        return Task.FromResult(accepted);
    }

    protected abstract bool Send(VirtualEuicc card, byte[] input);

    private static void CheckAlive(VirtualEuicc card)
    {
        card.Reset();
        var functions = new EuiccFunctions(new IsdrChannel(card));
        if (functions.GetEid() != CardLab.Eid)
        {
            throw new FindingException("the card has another EID");
        }

        var enabled = card.Inspect().Profiles.Count(profile => profile.State == Protocol.Sgp22.ProfileState.Enabled);
        if (enabled > 1)
        {
            throw new FindingException($"the card has {enabled} enabled profiles");
        }

        // What waits on the card can be read by an IPA.
        _ = functions.PendingResults();
        _ = functions.PendingNotifications();
        _ = functions.GetEimConfigurationData();
    }
}

/// <summary>APDUs, one a line.</summary>
internal sealed class CardApdusTarget() : CardTarget("card-apdus", InputKind.HexLines, "the card: APDUs, one a line")
{
    private const int LongestAnswer = 256 + 2;

    protected override bool Send(VirtualEuicc card, byte[] input)
    {
        var accepted = false;
        foreach (var command in HexLines.Read(input))
        {
            var answer = card.Transmit(command).Span;
            if (answer.Length is < 2 or > LongestAnswer)
            {
                throw new FindingException($"the card answers {Convert.ToHexString(command)} with {answer.Length} bytes");
            }

            accepted |= answer[^2] is 0x90 or 0x61 or 0x91;
        }

        return accepted;
    }
}

/// <summary>One ES10 message by STORE DATA.</summary>
internal sealed class CardMessageTarget() : CardTarget("card-es10", InputKind.Ber, "the card: one ES10 message")
{
    protected override bool Send(VirtualEuicc card, byte[] input)
    {
        try
        {
            new IsdrChannel(card).Call(input.AsMemory(0, Math.Min(input.Length, 65_000)));
            return true;
        }
        catch (CardException)
        {
            return false;
        }
    }
}

/// <summary>The commands of a package that the eIM signed: A0 with PSMOs or A1 with eCOs.</summary>
internal sealed class CardPackageTarget() : CardTarget("card-package", InputKind.Ber, "the card: the commands of a signed package")
{
    protected override bool Send(VirtualEuicc card, byte[] input)
    {
        var data = Signed(input);
        var request = BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xBF51))
            {
                writer.WriteEncodedValue(data);
                writer.Octets(0x5F37, CardLab.EimKey.Sign(PackageSignature.Input(data, null)));
            }
        });
        if (request.Length > 65_000)
        {
            return false;
        }

        try
        {
            return BerMessage.Decode<EuiccPackageResult>(new IsdrChannel(card).Call(request)) is EuiccPackageResultSigned;
        }
        catch (CardException)
        {
            return false;
        }
    }

    /// <summary>EuiccPackageSigned with whatever commands the input holds, malformed ones too.</summary>
    private static byte[] Signed(byte[] commands)
    {
        byte[] head = [0x80, (byte)CardLab.EimId.Length, .. System.Text.Encoding.ASCII.GetBytes(CardLab.EimId), 0x5A, 0x10, .. CardLab.Eid.ToBytes(), 0x81, 0x01, 0x01, 0x82, 0x01, 0x07];
        byte[] content = [.. head, .. commands];
        return [0x30, .. BerNode.LengthOf(content.Length), .. content];
    }
}
