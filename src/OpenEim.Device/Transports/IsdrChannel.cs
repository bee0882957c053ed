using System.Buffers;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Transports;

/// <summary>The way to the ISD-R of any card: a logical channel, ES10 messages by STORE DATA, answers by GET RESPONSE (SGP.22 5.7.2).</summary>
/// <remarks>The channel is opened when it is first needed, and again after the card was reset, by whomever.</remarks>
public sealed class IsdrChannel
{
    /// <summary>The most that a card may answer to one command.</summary>
    public const int MaxResponse = 256 * 1024;

    private const int BlockSize = 255;
    private const int NoChannel = -1;
    private static readonly byte[] IsdrAid = Convert.FromHexString("A0000005591010FFFFFFFF8900000100");

    private readonly ICard _card;
    private readonly Lock _gate = new();
    private int _channel = NoChannel;

    /// <summary>Takes a card that is in its reader; nothing is sent yet.</summary>
    public IsdrChannel(ICard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        _card = card;
    }

    /// <summary>Whether the card has announced a proactive command (91xx), a REFRESH that is, since the last reset.</summary>
    public bool RefreshRequested { get; private set; }

    /// <summary>Resets the card, as a modem does on a REFRESH.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _channel = NoChannel;
            RefreshRequested = false;
            _card.Reset();
        }
    }

    /// <summary>Sends an ES10 message and reads the answer.</summary>
    /// <exception cref="CardException">The card refused, or its answer is not a <typeparamref name="TResponse"/>.</exception>
    /// <exception cref="CardRemovedException">The card has lost its power.</exception>
    public TResponse Call<TResponse>(IBerMessage request) where TResponse : IBerMessage<TResponse>
    {
        var answer = Call(request.Encode());
        try
        {
            return BerMessage.Decode<TResponse>(answer);
        }
        catch (ProtocolException e)
        {
            throw new CardException($"the card's answer is no {typeof(TResponse).Name}: {e.Message}", e);
        }
    }

    /// <summary>Sends an ES10 message as it is and returns the answer as it is.</summary>
    /// <exception cref="CardException">The card refused.</exception>
    /// <exception cref="CardRemovedException">The card has lost its power.</exception>
    public ReadOnlyMemory<byte> Call(ReadOnlyMemory<byte> request)
    {
        if (request.Length > 256 * BlockSize)
        {
            throw new ArgumentException("an ES10 message has at most 256 blocks of STORE DATA", nameof(request));
        }

        lock (_gate)
        {
            try
            {
                var opened = _channel == NoChannel;
                if (opened)
                {
                    Open();
                }

                var answer = StoreData(request, out var block, out var statusWord);
                if (!opened && block == 0 && IsLostChannel(statusWord))
                {
                    // Somebody reset the card behind our back: nothing was executed, so the message can go again.
                    Open();
                    answer = StoreData(request, out _, out statusWord);
                }

                return IsSuccess(statusWord) ? answer : throw new CardException("STORE DATA", statusWord);
            }
            catch (CardRemovedException)
            {
                _channel = NoChannel;
                throw;
            }
        }
    }

    private void Open()
    {
        _channel = NoChannel;

        // Cards that do not know TERMINAL CAPABILITY refuse it, which does no harm.
        Exchange([0x80, 0xAA, 0x00, 0x00, 0x05, 0xA9, 0x03, 0x83, 0x01, 0x07], 0, out _);
        var opened = Exchange([0x00, 0x70, 0x00, 0x00, 0x01], 0, out var statusWord);
        if (!IsSuccess(statusWord) || opened.Length != 1 || opened.Span[0] is 0 or > 19)
        {
            throw new CardException("MANAGE CHANNEL", statusWord);
        }

        var channel = opened.Span[0];
        Exchange([Class(0x00, channel), 0xA4, 0x04, 0x00, (byte)IsdrAid.Length, .. IsdrAid, 0x00], channel, out statusWord);
        if (!IsSuccess(statusWord))
        {
            throw new CardException("SELECT ISD-R", statusWord);
        }

        _channel = channel;
    }

    private ReadOnlyMemory<byte> StoreData(ReadOnlyMemory<byte> message, out int block, out int statusWord)
    {
        for (block = 0; ; block++)
        {
            var part = message.Slice(block * BlockSize, Math.Min(BlockSize, message.Length - (block * BlockSize)));
            var last = (block * BlockSize) + part.Length == message.Length;
            var command = new byte[5 + part.Length];
            command[0] = Class(0x80, _channel);
            command[1] = 0xE2;
            command[2] = last ? (byte)0x91 : (byte)0x11;
            command[3] = (byte)block;
            command[4] = (byte)part.Length;
            part.CopyTo(command.AsMemory(5));
            var answer = Exchange(command, _channel, out statusWord);
            if (last || !IsSuccess(statusWord))
            {
                return answer;
            }
        }
    }

    /// <summary>One command with the GET RESPONSEs that it takes; 6Cxx is answered by repeating with the right Le.</summary>
    private ReadOnlyMemory<byte> Exchange(byte[] command, int channel, out int statusWord)
    {
        var collected = new ArrayBufferWriter<byte>();
        var next = command;
        while (true)
        {
            var response = _card.Transmit(next).Span;
            if (response.Length < 2)
            {
                throw new CardException("the card's answer has no status word");
            }

            collected.Write(response[..^2]);
            statusWord = (response[^2] << 8) | response[^1];
            switch (response[^2])
            {
                case 0x61 when collected.WrittenCount <= MaxResponse:
                    next = [Class(0x00, channel), 0xC0, 0x00, 0x00, response[^1]];
                    break;
                case 0x6C when HasLe(next) && next[^1] != response[^1]:
                    next = [.. next[..^1], response[^1]];
                    break;
                case 0x61:
                    throw new CardException($"the card's answer is longer than {MaxResponse} bytes");
                case 0x91:
                    RefreshRequested = true;
                    return collected.WrittenMemory;
                default:
                    return collected.WrittenMemory;
            }
        }
    }

    // 90xx; 91xx with a proactive command behind it; 92xx after retries in the card's memory; 62xx and 63xx, which are warnings.
    private static bool IsSuccess(int statusWord) => statusWord >> 8 is 0x90 or 0x91 or 0x92 or 0x62 or 0x63;

    // Case 2 ends with Le, case 4 too, behind the data that Lc counts.
    private static bool HasLe(byte[] command) => command.Length == 5 || (command.Length > 5 && command.Length == 6 + command[4]);

    // 6881 logical channel not supported, 6882, 6D00, 6E00: what cards say on a channel that is not open or has no ISD-R selected.
    private static bool IsLostChannel(int statusWord) => statusWord is 0x6881 or 0x6882 or 0x6D00 or 0x6E00;

    private static byte Class(int basic, int channel) =>
        (byte)(channel <= 3 ? basic | channel : basic | 0x40 | (channel - 4));
}
