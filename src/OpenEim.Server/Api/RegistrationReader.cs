using System.Buffers.Text;
using System.Text.Json;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Server.Api;

/// <summary>Reads and validates what a registration, or a change to one, says about eUICCs: all or nothing.</summary>
internal sealed class RegistrationReader(RspTrust trust, TimeProvider time)
{
    public const int MaxRegistrations = 10_000;

    private const int MaxName = 255;

    /// <exception cref="ApiException">400: the message names the index and the field.</exception>
    public IReadOnlyList<EuiccRegistration> Read(JsonElement body)
    {
        JsonElement[] elements = body.ValueKind switch
        {
            JsonValueKind.Object => [body],
            JsonValueKind.Array => Bounded(body),
            _ => throw ApiException.BadRequest("The body must be one eUICC or an array of them"),
        };
        var errors = new List<FieldError>();
        var registrations = new List<EuiccRegistration>();
        var seen = new HashSet<Eid>();
        for (var i = 0; i < elements.Length; i++)
        {
            if (Read(new FieldReader(elements[i], i, errors)) is { } registration)
            {
                registrations.Add(registration);
                if (!seen.Add(registration.Eid))
                {
                    errors.Add(FieldError.InvalidReference($"[{i}].eid occurs twice in this request"));
                }
            }
        }

        return errors.Count == 0 ? registrations : throw ApiException.Invalid(errors);
    }

    /// <summary>Reads a change: a field that is there is set, null removes it, the others stay.</summary>
    /// <exception cref="ApiException">400: the message names the field.</exception>
    public static EuiccChange ReadChange(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw ApiException.BadRequest("The body must be an object");
        }

        var errors = new List<FieldError>();
        var fields = new FieldReader(body, 0, errors);
        if (body.TryGetProperty("eid", out _))
        {
            fields.Fail(FieldError.NotAllowed, "eid", "cannot be changed");
        }

        var change = new EuiccChange
        {
            ChangesName = body.TryGetProperty("name", out _),
            Name = fields.OptionalText("name", MaxName),
            ChangesCustomerOrganisation = body.TryGetProperty("customer_org", out _),
            CustomerOrganisation = ReadCustomer(fields),
            SupportedProfileType = ReadType(fields),
            ChangesAssociationToken = body.TryGetProperty("association_token", out _),
            AssociationToken = ReadToken(fields),
        };
        return errors.Count == 0 ? change : throw ApiException.Invalid(errors);
    }

    /// <summary>Reads the EIDs of <c>{"target":[{"eid":…}]}</c>, in their order.</summary>
    /// <exception cref="ApiException">400: the message names the index and the field.</exception>
    public static IReadOnlyList<Eid> ReadTargets(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("target", out var target) || target.ValueKind != JsonValueKind.Array)
        {
            throw ApiException.Invalid([FieldError.Required("target is required, as an array")]);
        }

        var errors = new List<FieldError>();
        var eids = Bounded(target).Select((element, index) => ReadEid(new FieldReader(element, index, errors))).ToList();
        return errors.Count == 0 ? [.. eids.Select(eid => eid!.Value).Distinct()] : throw ApiException.Invalid(errors);
    }

    private static JsonElement[] Bounded(JsonElement array) => array.GetArrayLength() is > 0 and <= MaxRegistrations
        ? [.. array.EnumerateArray()]
        : throw ApiException.BadRequest($"The array must hold 1 to {MaxRegistrations} eUICCs");

    private EuiccRegistration? Read(FieldReader fields)
    {
        var eid = ReadEid(fields);
        var registration = new EuiccRegistration
        {
            Eid = eid ?? default,
            Name = fields.OptionalText("name", MaxName),
            CustomerOrganisation = ReadCustomer(fields),
            SupportedProfileType = ReadType(fields) ?? Descriptions.IotProfileType,
            AssociationToken = ReadToken(fields),
            Certificates = ReadCertificates(fields, eid),
        };
        return eid is null ? null : registration;
    }

    private static Eid? ReadEid(FieldReader fields)
    {
        var text = fields.RequiredText("eid");
        if (Eid.TryParse(text, out var eid))
        {
            return eid;
        }

        if (text is not null)
        {
            fields.Fail(FieldError.InvalidFormat, "eid", "must have 32 decimal digits");
        }

        return null;
    }

    private static long? ReadToken(FieldReader fields)
    {
        const string field = "association_token";
        var token = fields.OptionalNumber(field);
        if (token < 0)
        {
            fields.Fail(FieldError.InvalidFormat, field, "must not be negative");
        }

        return token;
    }

    private static int? ReadType(FieldReader fields)
    {
        var type = fields.OptionalDescribedId("supported_profile_type");
        if (type is { } given && !Descriptions.SupportedProfileType.ContainsKey(given))
        {
            fields.Fail(FieldError.InvalidReference, "supported_profile_type", $"{given} is not known");
        }

        return type;
    }

    private static CustomerOrganisation? ReadCustomer(FieldReader fields)
    {
        if (fields.OptionalObject("customer_org") is not { } customer)
        {
            return null;
        }

        var name = customer.RequiredText("name", "is required", MaxName);
        var id = customer.OptionalNumber("id");
        return name is null ? null : new CustomerOrganisation(id, name);
    }

    /// <summary>Both certificates or none, and only such as lead from a trusted CI to this EID.</summary>
    private VerifiedCertificates? ReadCertificates(FieldReader fields, Eid? eid)
    {
        const string euiccField = "euicc_certificate";
        const string eumField = "eum_certificate";
        if (!fields.Has(euiccField) && !fields.Has(eumField))
        {
            return null;
        }

        var euicc = ReadCertificate(fields, euiccField, eumField);
        var eum = ReadCertificate(fields, eumField, euiccField);
        if (euicc is null || eum is null || eid is null)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (trust.VerifyEum(eum, now) is { IsTrusted: false } untrusted)
        {
            fields.Fail(FieldError.InvalidReference, eumField, $"is not trusted: {untrusted.Reason}");
            return null;
        }

        var chain = trust.VerifyEuicc(euicc, eum, eid, now);
        if (!chain.IsTrusted)
        {
            fields.Fail(FieldError.InvalidReference, euiccField, $"is not trusted: {chain.Reason}");
            return null;
        }

        return new VerifiedCertificates(euicc.Encoded, eum.Encoded, chain.PublicKey!.ToSubjectPublicKeyInfo());
    }

    private static RspCertificate? ReadCertificate(FieldReader fields, string field, string other)
    {
        fields.Require(field, $"is required beside {other}");
        if (fields.OptionalLines(field, 2 * RspCertificate.MaxLength) is not { } text)
        {
            return null;
        }

        try
        {
            if (text.Contains("-----BEGIN ", StringComparison.Ordinal))
            {
                return RspCertificate.FromPem(text) is [var single] ? single : throw new ProtocolException("the PEM text must hold one certificate");
            }

            return Base64.IsValid(text) ? RspCertificate.Parse(Convert.FromBase64String(text)) : throw new ProtocolException("neither PEM nor base64");
        }
        catch (ProtocolException e)
        {
            fields.Fail(FieldError.InvalidFormat, field, $"is not a certificate: {e.Message}");
            return null;
        }
    }
}
