namespace OpenEim.Protocol.ProfilePackages;

/// <summary>The authentication algorithm of a subscription (SAIP AlgoParameter, algorithmID).</summary>
public enum AkaAlgorithm
{
    /// <summary>Milenage, 3GPP TS 35.206.</summary>
    Milenage = 1,

    /// <summary>TUAK, 3GPP TS 35.231.</summary>
    Tuak = 2,

    /// <summary>The USIM test algorithm, 3GPP TS 34.108.</summary>
    UsimTestAlgorithm = 3,
}
