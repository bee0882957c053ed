using OpenEim.Device.Euicc.Es10.Eims;
using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>ES10b LoadEuiccPackage, tag BF51 (SGP.32 3.3.1, 5.9.1): the main job of the card.</summary>
internal static class LoadEuiccPackage
{
    public static EncodedMessage Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        // Parse.
        var package = BerMessage.Decode<EuiccPackageRequest>(request);
        var signed = package.ReadSigned();
        if (core.Identity.IsV10)
        {
            PackageV10.ThrowIfUnknown(signed.Package);
        }

        // Find the eIM and verify that the package comes from it. Until that is known, nothing may be signed for anybody.
        if (core.State.FindEim(signed.EimId) is not { } eim)
        {
            return Unsigned(core, signed, null);
        }

        var input = PackageSignature.Input(package.SignedData.Span, eim.AssociationToken);
        if (!EimKeys.Of(eim).Verify(input, package.Signature.Span))
        {
            return Unsigned(core, signed, eim.AssociationToken);
        }

        // EID, then counter.
        var origin = new PackageOrigin(eim.EimId, eim.AssociationToken, signed.CounterValue, signed.TransactionId, package.Signature);
        if (Check(core, eim, signed) is { } error)
        {
            return Refuse(core, origin, error, request);
        }

        // Store the counter, run the commands, sign, keep the result: one write.
        var execution = new PackageExecution(core.Identity, Accept(core.State, eim, signed, request));
        execution.Run(signed.Package);
        return PackageCompletion.Commit(core, execution, origin);
    }

    private static EuiccPackageErrorCode? Check(EuiccCore core, StoredEim eim, EuiccPackageSigned signed)
    {
        if (signed.Eid.ToString() != core.Identity.Eid)
        {
            return EuiccPackageErrorCode.InvalidEid;
        }

        if (signed.CounterValue <= eim.Counter)
        {
            return EuiccPackageErrorCode.ReplayError;
        }

        if (signed.CounterValue > EimAssociation.MaxCounter)
        {
            return EuiccPackageErrorCode.CounterValueOutOfRange;
        }

        if (core.State.IsEcallActive())
        {
            return EuiccPackageErrorCode.EcallActive;
        }

        // A card that could not keep the result must not do the work.
        return PendingList.HasRoomForResult(core.State) ? null : EuiccPackageErrorCode.UndefinedError;
    }

    private static EuiccState Accept(EuiccState state, StoredEim eim, EuiccPackageSigned signed, ReadOnlyMemory<byte> request) =>
        state.WithEim(eim, eim with { Counter = signed.CounterValue }) with
        {
            Rollback = null,
            ExecutedPackages = state.ExecutedPackages + 1,
            Journal = state.Journal?.With(signed.CounterValue, null, request),
        };

    // Errors of SGP.32 v1.0 do not name the transaction.
    private static EncodedMessage Unsigned(EuiccCore core, EuiccPackageSigned signed, long? token) =>
        new(EuiccPackageErrorUnsigned.Encode(signed.EimId, core.Identity.IsV10 ? null : signed.TransactionId, token, core.Identity.IsV13 ? UndefinedError : null));

    // EuiccPackageUnsignedErrorCode of v1.3: the sender is not known, or not who he says.
    private const int UndefinedError = 127;

    private static EncodedMessage Refuse(
        EuiccCore core, PackageOrigin origin, EuiccPackageErrorCode error, ReadOnlyMemory<byte> request)
    {
        if (core.State.Journal is { } journal)
        {
            core.Commit(core.State with { Journal = journal.With(origin.Counter, error, request) });
        }

        var data = EuiccPackageErrorSigned.EncodeData(
            origin.EimId, origin.Counter, core.Identity.IsV10 ? null : origin.TransactionId, error);
        return new EncodedMessage(EuiccPackageErrorSigned.Encode(data, origin.Sign(core, data)));
    }
}
