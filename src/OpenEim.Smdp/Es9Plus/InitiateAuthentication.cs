using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>ES9+ InitiateAuthentication (SGP.22 5.6.1). Stores nothing: the transaction id proves itself.</summary>
internal sealed class InitiateAuthentication(SmdpIdentity identity, TransactionIds transactionIds)
{
    private const int MinMajor = 2;
    private const int MaxMajor = 3;

    /// <exception cref="FunctionFailedException">With the code of the check that failed.</exception>
    public InitiateAuthenticationOk Execute(InitiateAuthenticationRequest request)
    {
        var info = request.ReadEuiccInfo1();

        // 1. The address is this SM-DP+'s.
        var address = identity.Addresses.Find(request.SmdpAddress)
            ?? throw new FunctionFailedException(StatusCodes.InvalidSmdpAddress, "this SM-DP+ has another address", request.SmdpAddress);

        // 2. The eUICC's version is one that this SM-DP+ speaks.
        if (info.Svn?.Major is not (>= MinMajor and <= MaxMajor))
        {
            throw new FunctionFailedException(
                StatusCodes.VersionNotSupported, $"the eUICC speaks version {info.Svn}, this SM-DP+ {MinMajor}.x and {MaxMajor}.x", info.Svn?.ToString());
        }

        // 3. The eUICC can sign with a certificate of a CI that is trusted here: the first of its list, which is in its order of preference.
        var ci = info.CiKeyIdsForSigning.FirstOrDefault(IsTrusted);
        if (ci.IsEmpty)
        {
            throw new FunctionFailedException(StatusCodes.NoCommonCiKey, "the eUICC's certificates lead to no CI that this SM-DP+ trusts");
        }

        // 4. The eUICC trusts the CI of this SM-DP+'s certificates.
        var ours = identity.Auth.Certificate.AuthorityKeyIdentifier!.Value;
        if (!info.CiKeyIdsForVerification.Any(id => id.Span.SequenceEqual(ours.Span)))
        {
            throw new FunctionFailedException(StatusCodes.NoCertificateChain, "this SM-DP+ has no certificate of a CI that the eUICC trusts");
        }

        // 5. A new transaction, signed with CERT.DPauth.
        var (transactionId, challenge) = transactionIds.Create();
        var signed = new ServerSigned1(transactionId, request.EuiccChallenge, address, challenge).Encode();
        return new InitiateAuthenticationOk(transactionId, signed, identity.Auth.Key.Sign(signed), ci, identity.Auth.Certificate.Encoded);
    }

    private bool IsTrusted(ReadOnlyMemory<byte> keyId) =>
        identity.Trust.Roots.Any(root => root.SubjectKeyIdentifier is { } id && id.Span.SequenceEqual(keyId.Span));
}
