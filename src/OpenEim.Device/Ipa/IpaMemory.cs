namespace OpenEim.Device.Ipa;

/// <summary>The IPA's state at hand, saved whenever it changes.</summary>
internal sealed class IpaMemory(IIpaStateStore store)
{
    private IpaState? _state;

    /// <summary>What was saved last.</summary>
    public IpaState State => _state ??= store.Load();

    /// <summary>Saves; when this returns the state survives a loss of power.</summary>
    public void Save(IpaState state)
    {
        if (state != State)
        {
            store.Save(state);
            _state = state;
        }
    }
}
