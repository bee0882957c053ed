namespace OpenEim.Device.Euicc.Apdus;

/// <summary>The applications that can be selected.</summary>
internal enum CardApplication
{
    /// <summary>Nothing is selected.</summary>
    None,

    /// <summary>The ISD-R: ES10.</summary>
    Isdr,

    /// <summary>The ECASD: the EID.</summary>
    Ecasd,
}

/// <summary>What a card remembers of a logical channel: volatile.</summary>
internal sealed class LogicalChannel
{
    /// <summary>The longest command that STORE DATA blocks may build up, in bytes: far above any package, far below what would hurt.</summary>
    public const int MaxCommandLength = 32 * 1024;

    private readonly List<byte> _command = [];
    private int _nextBlock;
    private ReadOnlyMemory<byte> _response;

    /// <summary>What is selected.</summary>
    public CardApplication Selected { get; private set; }

    /// <summary>The data that GET RESPONSE has not fetched yet.</summary>
    public int ResponseLength => _response.Length;

    /// <summary>Selects an application: whatever was under way on the channel ends.</summary>
    public void Select(CardApplication application)
    {
        Selected = application;
        ForgetCommand();
        ForgetResponse();
    }

    /// <summary>Keeps an answer for GET RESPONSE and tells of it by 61xx.</summary>
    public byte[] Offer(ReadOnlyMemory<byte> response)
    {
        _response = response;
        return StatusWord.Alone(Availability());
    }

    /// <summary>Takes the next bytes of the answer, with the status word that follows them.</summary>
    public byte[] Fetch(int length)
    {
        var chunk = _response[..length];
        _response = _response[length..];
        return StatusWord.After(chunk.Span, _response.IsEmpty ? StatusWord.Ok : Availability());
    }

    /// <summary>Drops an answer: any command but GET RESPONSE does so.</summary>
    public void ForgetResponse() => _response = default;

    /// <summary>Adds a STORE DATA block.</summary>
    /// <returns>Ok, or what is wrong; the command is then given up.</returns>
    public ushort Append(int block, ReadOnlySpan<byte> data)
    {
        if (block == 0)
        {
            ForgetCommand();
        }

        var status = block != _nextBlock ? StatusWord.IncorrectParameters
            : _command.Count + data.Length > MaxCommandLength ? StatusWord.NotEnoughMemory
            : StatusWord.Ok;
        if (status != StatusWord.Ok)
        {
            ForgetCommand();
            return status;
        }

        _command.AddRange(data);
        _nextBlock++;
        return status;
    }

    /// <summary>The command that the blocks make up; the next block starts another one.</summary>
    public byte[] TakeCommand()
    {
        var command = _command.ToArray();
        ForgetCommand();
        return command;
    }

    private void ForgetCommand()
    {
        _command.Clear();
        _nextBlock = 0;
    }

    private ushort Availability() => (ushort)(StatusWord.ResponseAvailable | (_response.Length >= 256 ? 0 : _response.Length));
}
