using OpenEim.Device.Transports;

namespace OpenEim.Tests.Ipa;

/// <summary>A card that expects exactly these commands in this order, and gives exactly these answers.</summary>
internal sealed class ScriptedCard(params (string Command, string Response)[] script) : ICard
{
    private int _next;

    public int Resets { get; private set; }

    public bool IsDone => _next == script.Length;

    public ReadOnlyMemory<byte> Reset()
    {
        Resets++;
        return Convert.FromHexString("3B00");
    }

    public ReadOnlyMemory<byte> Transmit(ReadOnlyMemory<byte> command)
    {
        Assert.True(_next < script.Length, $"unexpected command {Convert.ToHexString(command.Span)}");
        Assert.Equal(script[_next].Command, Convert.ToHexString(command.Span));
        var response = script[_next++].Response;
        return response == "removed" ? throw new CardRemovedException() : Convert.FromHexString(response);
    }
}
