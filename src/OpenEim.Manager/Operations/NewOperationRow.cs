using OpenEim.Manager.Secrets;
using OpenEim.Storage;

namespace OpenEim.Manager.Operations;

/// <summary>An operation as it is first written.</summary>
internal sealed record NewOperationRow(
    byte[] Eid, long Slice, Guid Id, NewOperation Operation, long OrganisationId, OperationCreator Creator, long Revision, DownloadSecrets Secrets, long Now)
{
    /// <summary>Writes them.</summary>
    public static BulkInsert<NewOperationRow> Insert { get; } = new("operation", new BulkColumns<NewOperationRow>()
        .Bytes("eid", row => row.Eid)
        .Bytes("id", row => row.Id.ToByteArray(bigEndian: true))
        .Whole("organisation_id", row => row.OrganisationId)
        .Whole("slice", row => row.Slice)
        .Whole("action", row => (long)row.Operation.Action)
        .Text("iccid", row => row.Operation.Iccid)
        .Bytes("activation_code", row => row.Operation.ActivationCode is { } code ? row.Secrets.Protect(row.Id, code) : null)
        .Bytes("confirmation_code", row => row.Operation.ConfirmationCode is { } code ? row.Secrets.Protect(row.Id, code) : null)
        .Text("smdp_address", row => row.Operation.ActivationCode?.Address.ToString())
        .Whole("enable", row => row.Operation.Enable ? 1 : 0)
        .Whole("rollback", row => row.Operation.Rollback ? 1 : 0)
        .Whole("status", _ => (long)OperationStatus.Scheduled)
        .Whole("step", _ => 0)
        .Whole("created", row => row.Now)
        .Whole("updated", row => row.Now)
        .Whole("expiry", row => row.Expiry)
        .Whole("deadline", row => row.Expiry)
        .Whole("created_revision", row => row.Revision)
        .Whole("creator_id", row => row.Creator.Id)
        .Text("creator_name", row => row.Creator.Name));

    /// <summary>Until when it may be delivered.</summary>
    public long Expiry { get; } = Now + (long)Operation.Validity.TotalMilliseconds;
}
