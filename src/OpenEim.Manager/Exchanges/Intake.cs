namespace OpenEim.Manager.Exchanges;

/// <summary>What the intake made of an answer.</summary>
/// <param name="Believed">False when a signature or certificate did not verify.</param>
/// <param name="Acknowledged">The card's sequence number that may now be deleted there.</param>
internal readonly record struct Intake(bool Believed, long? Acknowledged = null);
