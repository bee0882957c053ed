using OpenEim.Device.Euicc.Memory;

namespace OpenEim.Device.Euicc;

/// <summary>The card's non-volatile memory. A write is all or nothing, and has happened when <c>Write</c> returns.</summary>
/// <remarks>What it holds is the card's own business, so nobody outside the card reads or writes it.</remarks>
public interface IEuiccMemory
{
    /// <summary>What was written last; null for a card that was never manufactured.</summary>
    internal EuiccState? Read();

    /// <summary>Replaces what is there.</summary>
    internal void Write(EuiccState state);
}
